//! Sessions as a shell's commands.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// A shell, by how it sets and quotes environment variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shell {
    /// GNU Bash, and every other descendant of the Bourne shell.
    Bash,
    /// The Z shell.
    Zsh,
    /// The friendly interactive shell.
    Fish,
    /// PowerShell.
    PowerShell,
    /// The command prompt of Windows.
    Cmd,
}

impl Shell {
    /// The command that sets a variable, with its line end. Values are quoted so that the shell
    /// sees them as they are.
    pub fn set(self, name: &str, value: &str) -> Zeroizing<String> {
        Zeroizing::new(match self {
            Self::Bash | Self::Zsh => format!("export {name}={}\n", *single_quoted(value, "'\\''")),
            Self::Fish => {
                let value = Zeroizing::new(value.replace('\\', "\\\\"));
                format!("set -gx {name} {};\n", *single_quoted(&value, "\\'"))
            }
            Self::PowerShell => format!("$Env:{name} = {}\n", *single_quoted(value, "''")),
            Self::Cmd => format!("set \"{name}={}\"\r\n", value.replace('%', "%%")),
        })
    }

    /// The command that unsets a variable, with its line end.
    pub fn unset(self, name: &str) -> String {
        match self {
            Self::Bash | Self::Zsh => format!("unset {name}\n"),
            Self::Fish => format!("set -e {name};\n"),
            Self::PowerShell => {
                format!("Remove-Item Env:{name} -ErrorAction SilentlyContinue\n")
            }
            Self::Cmd => format!("set \"{name}=\"\r\n"),
        }
    }
}

fn single_quoted(value: &str, quote: &str) -> Zeroizing<String> {
    Zeroizing::new(format!("'{}'", value.replace('\'', quote)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shell_quotes_in_its_own_way() {
        let set = |shell: Shell| shell.set("A", "it's \\ $x").to_string();
        assert_eq!(set(Shell::Bash), "export A='it'\\''s \\ $x'\n");
        assert_eq!(set(Shell::Zsh), set(Shell::Bash));
        assert_eq!(set(Shell::Fish), "set -gx A 'it\\'s \\\\ $x';\n");
        assert_eq!(set(Shell::PowerShell), "$Env:A = 'it''s \\ $x'\n");
        assert_eq!(Shell::Cmd.set("A", "50%").as_str(), "set \"A=50%%\"\r\n");
    }
}
