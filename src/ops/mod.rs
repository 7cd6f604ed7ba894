//! The use cases, asynchronous over `aws`: what both the command line and the console can do.
