//! The little XML that the query protocol needs.

/// XML under construction.
#[derive(Debug, Default)]
pub(crate) struct Xml(String);

impl Xml {
    /// `<name>text</name>`, escaped.
    pub(crate) fn element(mut self, name: &str, text: impl AsRef<str>) -> Self {
        self.0.push_str(&format!("<{name}>"));
        for letter in text.as_ref().chars() {
            self.push_escaped(letter);
        }
        self.0.push_str(&format!("</{name}>"));
        self
    }

    /// The same when there is a text, nothing otherwise.
    pub(crate) fn optional(self, name: &str, text: Option<impl AsRef<str>>) -> Self {
        match text {
            Some(text) => self.element(name, text),
            None => self,
        }
    }

    /// `<name>` around other elements.
    pub(crate) fn nest(mut self, name: &str, inner: Self) -> Self {
        self.0.push_str(&format!("<{name}>{}</{name}>", inner.0));
        self
    }

    /// A document whose root has AWS's namespace.
    pub(crate) fn document(self, root: &str, namespace: &str) -> String {
        format!("<{root} xmlns=\"{namespace}\">{}</{root}>\n", self.0)
    }

    fn push_escaped(&mut self, letter: char) {
        match letter {
            '<' => self.0.push_str("&lt;"),
            '>' => self.0.push_str("&gt;"),
            '&' => self.0.push_str("&amp;"),
            '"' => self.0.push_str("&quot;"),
            '\'' => self.0.push_str("&#39;"),
            '\t' | '\n' | '\r' => self.0.push_str(&format!("&#{};", u32::from(letter))),
            // XML 1.0 has no way to write these.
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => self.0.push('\u{fffd}'),
            _ => self.0.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_nests() {
        let inner = Xml::default()
            .element("A", "<&>\"'\n\0")
            .optional("B", None::<&str>);
        let document = Xml::default().nest("R", inner).document("Root", "urn:x");
        assert_eq!(
            document,
            "<Root xmlns=\"urn:x\"><R><A>&lt;&amp;&gt;&quot;&#39;&#10;\u{fffd}</A></R></Root>\n"
        );
    }
}
