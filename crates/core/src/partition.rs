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
}

impl Partition {
    /// Every partition that has a documented sign-in endpoint.
    pub const ALL: [Self; 4] = [Self::Aws, Self::China, Self::UsGov, Self::Eusc];

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
        }
    }

    /// The region that hosts without a region prefix stand for.
    pub const fn home_region(self) -> &'static str {
        match self {
            Self::Aws => "us-east-1",
            Self::China => "cn-north-1",
            Self::UsGov => "us-gov-west-1",
            Self::Eusc => "eusc-de-east-1",
        }
    }

    /// The sign-in host without a region prefix.
    pub const fn signin_host(self) -> &'static str {
        match self {
            Self::Aws => "signin.aws.amazon.com",
            Self::China => "signin.amazonaws.cn",
            Self::UsGov => "signin.amazonaws-us-gov.com",
            Self::Eusc => "signin.amazonaws-eusc.eu",
        }
    }

    /// The console host without a region prefix.
    pub const fn console_host(self) -> &'static str {
        match self {
            Self::Aws => "console.aws.amazon.com",
            Self::China => "console.amazonaws.cn",
            Self::UsGov => "console.amazonaws-us-gov.com",
            Self::Eusc => "console.amazonaws-eusc.eu",
        }
    }

    /// Whether a region can belong to this partition, judged by its prefix as AWS's own SDKs do.
    pub fn has_region(self, region: &str) -> bool {
        let partition = match region {
            r if r.starts_with("cn-") => Self::China,
            r if r.starts_with("us-gov-") => Self::UsGov,
            r if r.starts_with("eusc-") => Self::Eusc,
            _ => Self::Aws,
        };
        partition == self
    }
}
