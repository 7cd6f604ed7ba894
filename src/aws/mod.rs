//! The only code that touches the AWS SDKs: clients per profile and Region, the write guard, errors in words.
