# Commands of a developer. `just` lists them.

# As in .ci/run: debug information doubles the time that linking takes.
export CARGO_PROFILE_DEV_DEBUG := "0"

[private]
default:
    @just --list

# Format and lints, as CI has them
check:
    cargo fmt --check
    cargo clippy --locked --all-targets -- -D warnings

# Spelling, and the dependencies: licences, sources, versions, unused ones
habits:
    .ci/spelling
    .ci/dependencies

# All tests
test:
    cargo test --locked

# The tests whose names contain PATTERN, of the library and of the suite
one pattern:
    cargo test --locked --lib -- {{ quote(pattern) }}
    cargo test --locked --test suite -- {{ quote(pattern) }}

# The property tests with new random cases, so many times
explore rounds="10" filter="":
    tests/explore {{ rounds }} {{ quote(filter) }}

# Damaged inputs for every reader, for so many seconds
fuzz seconds="60" target="":
    tests/fuzz/run {{ seconds }} {{ quote(target) }}

# The console on the embedded sandbox; options such as --write go through
demo *options:
    cargo run --locked -- demo {{ options }}

# All that has to pass before a change lands
ci:
    bash .ci/run

# The documentation of the code, private items included
docs:
    RUSTDOCFLAGS="-D warnings -A rustdoc::private_intra_doc_links" cargo doc --locked --no-deps --document-private-items
