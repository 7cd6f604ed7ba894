//! The root of a Merkle tree as in RFC 6962. Leaves and nodes are hashed with different first bytes, so that a node
//! cannot pass as a leaf. A tree of n leaves splits at the largest power of two below n.

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::domain::hex::hex;

type Hash = [u8; 32];

/// The root of the leaves in order, in hexadecimal digits. Without leaves, the SHA-256 of the empty text.
#[must_use]
pub(crate) fn root<L: AsRef<[u8]> + Sync>(leaves: &[L]) -> String {
    let leaves: Vec<Hash> = leaves
        .par_iter()
        .map(|leaf| hash(0, &[leaf.as_ref()]))
        .collect();
    // Roots of complete subtrees with their numbers of leaves, largest first, like the digits of a binary counter.
    let mut whole: Vec<(usize, Hash)> = Vec::new();
    for leaf in leaves {
        let mut one = (1, leaf);
        while let Some((count, before)) = whole.pop_if(|(count, _)| *count == one.0) {
            one = (count * 2, hash(1, &[&before, &one.1]));
        }
        whole.push(one);
    }
    let joined = whole.into_iter().rev().map(|(_, hash)| hash);
    match joined.reduce(|right, left| hash(1, &[&left, &right])) {
        Some(root) => hex(&root),
        None => hex(&Sha256::digest(b"")),
    }
}

fn hash(kind: u8, parts: &[&[u8]]) -> Hash {
    let mut digest = Sha256::new();
    digest.update([kind]);
    for part in parts {
        digest.update(part);
    }
    digest.finalize().into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definition of RFC 6962, section 2.1.
    fn by_definition(leaves: &[Vec<u8>]) -> Hash {
        match leaves {
            [] => Sha256::digest(b"").into(),
            [leaf] => hash(0, &[leaf]),
            _ => {
                let split = leaves.len().next_power_of_two() / 2;
                let (left, right) = leaves.split_at(split);
                hash(1, &[&by_definition(left), &by_definition(right)])
            }
        }
    }

    #[test]
    fn the_root_is_that_of_the_rfcs_test_vectors() {
        let leaves: Vec<Vec<u8>> = [&b""[..], &[0x00], &[0x10], &[0x20, 0x21]]
            .iter()
            .map(|leaf| leaf.to_vec())
            .collect();
        for (count, expected) in [
            (
                0,
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            ),
            (
                1,
                "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            ),
            (
                2,
                "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            ),
            (
                3,
                "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            ),
        ] {
            assert_eq!(root(&leaves[..count]), expected);
        }
    }

    proptest! {
        #[test]
        fn the_root_is_that_of_the_definition(
            leaves in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..4), 0..40),
        ) {
            prop_assert_eq!(root(&leaves), hex(&by_definition(&leaves)));
        }
    }
}
