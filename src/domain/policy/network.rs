//! Networks in `aws:SourceIp`: an address, or an address and a prefix length such as `10.0.0.0/8`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A range of addresses, from first to last. IPv4 and IPv6 never overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Network {
    pub(super) is_v6: bool,
    pub(super) first: u128,
    pub(super) last: u128,
}

/// The private ranges of RFC 1918. No request from the internet has such an address.
const PRIVATE: [(Ipv4Addr, u32); 3] = [
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
];

impl Network {
    /// Parses a network. Address bits beyond the prefix length are ignored.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let width = if address.is_ipv6() { 128 } else { 32 };
        let length = match length {
            None => width,
            // A sign or a space is not valid here.
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().ok()?
            }
            Some(_) => return None,
        };
        (length <= width).then(|| Self::of(address, length, width))
    }

    fn of(address: IpAddr, length: u32, width: u32) -> Self {
        let bits = match address {
            IpAddr::V4(address) => u128::from(address.to_bits()),
            IpAddr::V6(address) => address.to_bits(),
        };
        let open = width - length;
        let rest = 1_u128
            .checked_shl(open)
            .map_or(u128::MAX, |size| size.wrapping_sub(1));
        Self {
            is_v6: address.is_ipv6(),
            first: bits & !rest,
            last: bits | rest,
        }
    }

    /// All addresses of a family.
    pub(super) fn everything(is_v6: bool) -> Self {
        if is_v6 {
            Self::of(IpAddr::V6(Ipv6Addr::UNSPECIFIED), 0, 128)
        } else {
            Self::of(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0, 32)
        }
    }

    /// The private ranges of RFC 1918.
    pub(super) fn private() -> impl Iterator<Item = Self> {
        PRIVATE
            .into_iter()
            .map(|(address, length)| Self::of(IpAddr::V4(address), length, 32))
    }

    /// Whether this network contains another.
    pub(super) fn contains(&self, other: &Self) -> bool {
        self.is_v6 == other.is_v6 && self.first <= other.first && other.last <= self.last
    }

    /// The number of addresses minus one, because all of IPv6 would not fit otherwise.
    pub(super) fn span(&self) -> u128 {
        self.last - self.first
    }

    /// Whether AWS calls it broad: larger than /8 for IPv4 or /32 for IPv6.
    pub(super) fn is_broad(&self) -> bool {
        let widest = if self.is_v6 { 96 } else { 24 };
        self.span() >> widest > 0
    }

    pub(super) fn address(is_v6: bool, bits: u128) -> IpAddr {
        if is_v6 {
            IpAddr::V6(Ipv6Addr::from_bits(bits))
        } else {
            IpAddr::V4(Ipv4Addr::from_bits(u32::try_from(bits).unwrap_or(u32::MAX)))
        }
    }

    /// The network as a CIDR block if it is one, otherwise as a range.
    pub(super) fn words(&self) -> String {
        let first = Self::address(self.is_v6, self.first);
        let size = self.span().wrapping_add(1);
        let width: u32 = if self.is_v6 { 128 } else { 32 };
        if self.first == self.last {
            return first.to_string();
        }
        let is_block = size == 0 || (size.is_power_of_two() && self.first & self.span() == 0);
        if is_block {
            let open = if size == 0 {
                128
            } else {
                size.trailing_zeros()
            };
            format!("{first}/{}", width - open)
        } else {
            format!("{first} to {}", Self::address(self.is_v6, self.last))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_read_and_said_as_a_block() {
        for (text, words, broad) in [
            ("10.1.2.3/8", "10.0.0.0/8", false),
            ("0.0.0.0/0", "0.0.0.0/0", true),
            ("0.0.0.0/7", "0.0.0.0/7", true),
            ("1.2.3.4", "1.2.3.4", false),
            ("1.2.3.4/32", "1.2.3.4", false),
            ("::/0", "::/0", true),
            ("2001:db8::/31", "2001:db8::/31", true),
            ("2001:db8::/32", "2001:db8::/32", false),
        ] {
            let network = Network::parse(text).unwrap();
            assert_eq!(network.words(), words);
            assert_eq!(network.is_broad(), broad, "{text}");
        }
        for text in [
            "",
            "1.2.3",
            "1.2.3.4/33",
            "1.2.3.4/",
            "1.2.3.4/+8",
            "::/129",
            "*",
            "1.2.3.4/x",
        ] {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }
}
