//! Files as people, programs and accidents leave them; the same ones in every run.

/// Marsaglia's xorshift: good enough to be odd, and the same everywhere.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(0x9e37_79b9_7f4a_7c15 ^ (seed + 1))
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).unwrap()
    }

    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

const SECTIONS: &[&str] = &[
    "default",
    "profile a",
    "profile b",
    "profile \"c d\"",
    "profile 'e f'",
    "profile g\\ h",
    "profile ada.lovelace@example.com",
    "profile ü",
    "profile a b",
    "profile",
    "profile \"open",
    "profiles z",
    "sso-session s",
    "services v",
    "preview",
    "plugins",
    "a",
    "b",
    "DEFAULT",
    "profile default",
    "profile \"a\"",
    " spaced ",
    "x]y",
    "profile prod",
    "profile \u{85}n",
];
const KEYS: &[&str] = &[
    "region",
    "output",
    "role_arn",
    "source_profile",
    "mfa_serial",
    "Region",
    "AWS_Access_Key_Id",
    "aws_secret_access_key",
    "cli_pager",
    "ca_bundle",
    "duration_seconds",
    "x",
    "y",
    "z",
    "ü",
    "k k",
    "credential_process",
    "sso_start_url",
    "sso_region",
    "endpoint_url",
    "parameter_validation",
];
const VALUES: &[&str] = &[
    "",
    "eu-west-1",
    "json # not a comment",
    "a ; b",
    "arn:aws:iam::111122223333:role/Admin",
    "a=b",
    "= odd",
    ": odd",
    "\"quoted\"",
    "ümlaut",
    "%(region)s",
    "[brackets]",
    "tab\tinside",
    "a\u{2028}b",
    "trailing  ",
    "\u{a0}hard",
    "x\u{1c}y",
    "end\u{1f}",
    "\u{1d}begin",
    "-",
    "0",
];
const NESTED: &[&str] = &[
    "a = b",
    "max_queue_size=10",
    "addressing_style = path",
    "url = a=b",
    "",
];
const COMMENTS: &[&str] = &[
    "# mine",
    "; [not a section]",
    "#",
    "  # indented",
    "\t; x = y",
    "# a = b",
];

/// A file; one in some is such that nobody reads it.
pub(crate) fn file(seed: u64) -> String {
    let mut dice = Dice::new(seed);
    let newline = dice.pick(&["\n", "\n", "\r\n", "\r"]);
    let mut lines = Vec::new();
    let mut sections: Vec<&str> = SECTIONS.to_vec();
    if !dice.once_in(12) {
        for _ in 0..dice.below(3) {
            lines.push(dice.pick(COMMENTS).to_owned());
        }
    }
    for _ in 0..dice.below(8) {
        let index = dice.below(sections.len());
        // Now and then the same section twice.
        let name = if dice.once_in(40) {
            sections[index]
        } else {
            sections.remove(index)
        };
        section(&mut dice, name, &mut lines);
    }
    let mut text = lines.join(newline);
    if dice.once_in(2) {
        text.push_str(newline);
    }
    text
}

fn section(dice: &mut Dice, name: &str, lines: &mut Vec<String>) {
    let header_indent = if dice.once_in(10) { "  " } else { "" };
    let tail = dice.pick(&["", "", "", " ", " # tail", "\t; tail]"]);
    lines.push(format!("{header_indent}[{name}]{tail}"));
    let mut keys: Vec<&str> = KEYS.to_vec();
    let indent = dice.pick(&["", "", "", "  ", "\t"]);
    for _ in 0..dice.below(6) {
        let index = dice.below(keys.len());
        let key = if dice.once_in(60) {
            keys[index]
        } else {
            keys.remove(index)
        };
        let indent = if dice.once_in(12) {
            dice.pick(&["", " ", "    "])
        } else {
            indent
        };
        if dice.once_in(6) {
            nested(dice, indent, key, lines);
        } else {
            let delimiter = dice.pick(&[" = ", "=", " : ", ":", " =", "= ", "  =  "]);
            lines.push(format!("{indent}{key}{delimiter}{}", dice.pick(VALUES)));
        }
        between(dice, lines);
    }
    if dice.once_in(80) {
        lines.push(
            dice.pick(&["neither", "= nothing", "  going on"])
                .to_owned(),
        );
    }
}

fn nested(dice: &mut Dice, indent: &str, key: &str, lines: &mut Vec<String>) {
    let first = if dice.once_in(4) { " one" } else { "" };
    lines.push(format!("{indent}{key} ={first}"));
    for _ in 0..dice.below(4) {
        lines.push(format!("{indent}  {}", dice.pick(NESTED)));
        between(dice, lines);
    }
    if dice.once_in(15) {
        lines.push(format!("{indent}    without"));
    }
}

fn between(dice: &mut Dice, lines: &mut Vec<String>) {
    if dice.once_in(5) {
        lines.push(dice.pick(COMMENTS).to_owned());
    }
    if dice.once_in(6) {
        lines.push(dice.pick(&["", "   ", "\t"]).to_owned());
    }
}
