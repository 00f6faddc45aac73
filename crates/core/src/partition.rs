//! AWS's partitions and the hosts that sign-in and console have in each (AWS_RULES 3.5).

/// A separate copy of AWS with its own accounts and hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Partition {
    /// The commercial regions.
    Aws,
    /// China.
    China,
    /// GovCloud.
    UsGov,
    /// The European Sovereign Cloud.
    Eusc,
    /// The American intelligence community's: top secret.
    Iso,
    /// The same: secret.
    IsoB,
    /// The same for Europe.
    IsoE,
    /// The same for defence.
    IsoF,
}

/// Where people sign in, and where they land.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsoleHosts {
    /// The sign-in endpoint's.
    pub signin: &'static str,
    /// The console's.
    pub console: &'static str,
}

impl Partition {
    /// Every partition.
    pub const ALL: [Self; 8] = [
        Self::Aws,
        Self::China,
        Self::UsGov,
        Self::Eusc,
        Self::Iso,
        Self::IsoB,
        Self::IsoE,
        Self::IsoF,
    ];

    /// From the second part of an ARN.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|partition| partition.id() == id)
    }

    /// As it stands in ARNs.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::China => "aws-cn",
            Self::UsGov => "aws-us-gov",
            Self::Eusc => "aws-eusc",
            Self::Iso => "aws-iso",
            Self::IsoB => "aws-iso-b",
            Self::IsoE => "aws-iso-e",
            Self::IsoF => "aws-iso-f",
        }
    }

    /// The region that hosts without a region prefix stand for.
    pub const fn home_region(self) -> &'static str {
        match self {
            Self::Aws => "us-east-1",
            Self::China => "cn-north-1",
            Self::UsGov => "us-gov-west-1",
            Self::Eusc => "eusc-de-east-1",
            Self::Iso => "us-iso-east-1",
            Self::IsoB => "us-isob-east-1",
            Self::IsoE => "eu-isoe-west-1",
            Self::IsoF => "us-isof-south-1",
        }
    }

    /// What the hosts of AWS's services end with (the SDKs' endpoint rules).
    pub const fn dns_suffix(self) -> &'static str {
        match self {
            Self::Aws | Self::UsGov => "amazonaws.com",
            Self::China => "amazonaws.com.cn",
            Self::Eusc => "amazonaws.eu",
            Self::Iso => "c2s.ic.gov",
            Self::IsoB => "sc2s.sgov.gov",
            Self::IsoE => "cloud.adc-e.uk",
            Self::IsoF => "csp.hci.ic.gov",
        }
    }

    /// The hosts of sign-in and console without a region prefix. The closed partitions publish
    /// neither a console host nor a federation endpoint (AWS_RULES 3.5).
    pub const fn console(self) -> Option<ConsoleHosts> {
        let (signin, console) = match self {
            Self::Aws => ("signin.aws.amazon.com", "console.aws.amazon.com"),
            Self::China => ("signin.amazonaws.cn", "console.amazonaws.cn"),
            Self::UsGov => (
                "signin.amazonaws-us-gov.com",
                "console.amazonaws-us-gov.com",
            ),
            Self::Eusc => ("signin.amazonaws-eusc.eu", "console.amazonaws-eusc.eu"),
            Self::Iso | Self::IsoB | Self::IsoE | Self::IsoF => return None,
        };
        Some(ConsoleHosts { signin, console })
    }

    /// AWS's own policy that allows reading and nothing else, as a session policy.
    pub fn read_only_policy(self) -> String {
        format!("arn:{}:iam::aws:policy/ReadOnlyAccess", self.id())
    }

    /// Whether a region can belong to this partition, judged by its prefix as AWS's own SDKs do.
    pub fn has_region(self, region: &str) -> bool {
        let partition = match region {
            r if r.starts_with("cn-") => Self::China,
            r if r.starts_with("us-gov-") => Self::UsGov,
            r if r.starts_with("eusc-") => Self::Eusc,
            r if r.starts_with("us-iso-") => Self::Iso,
            r if r.starts_with("us-isob-") => Self::IsoB,
            r if r.starts_with("eu-isoe-") => Self::IsoE,
            r if r.starts_with("us-isof-") => Self::IsoF,
            _ => Self::Aws,
        };
        partition == self
    }
}
