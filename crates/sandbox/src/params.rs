//! The parameters of a query-protocol call.

use std::collections::BTreeMap;

use url::form_urlencoded;

/// Parameters by name; the first of a repeated one counts.
#[derive(Debug, Default)]
pub(crate) struct Params(BTreeMap<String, String>);

impl Params {
    pub(crate) fn parse(forms: &[&[u8]]) -> Self {
        let mut params = BTreeMap::new();
        for (name, value) in forms.iter().flat_map(|form| form_urlencoded::parse(form)) {
            params
                .entry(name.into_owned())
                .or_insert_with(|| value.into_owned());
        }
        Self(params)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// One field of each of a list's elements; the field is empty where the elements are texts.
    pub(crate) fn texts(&self, list: &str, field: &str) -> Vec<&str> {
        self.members(list)
            .iter()
            .filter_map(|member| member.get(field).copied())
            .collect()
    }

    /// The elements of a list in order of their number: `Tags.member.1.Key` is field `Key` of the first of `Tags`.
    pub(crate) fn members(&self, list: &str) -> Vec<BTreeMap<&str, &str>> {
        let prefix = format!("{list}.member.");
        let mut members: BTreeMap<u32, BTreeMap<&str, &str>> = BTreeMap::new();
        for (name, value) in &self.0 {
            let Some(rest) = name.strip_prefix(&prefix) else {
                continue;
            };
            let (number, field) = rest.split_once('.').unwrap_or((rest, ""));
            if let Ok(number) = number.parse() {
                members.entry(number).or_default().insert(field, value);
            }
        }
        members.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_and_keeps_the_first() {
        let params = Params::parse(&[b"A=1%2B1&B=x+y", b"A=2&C"]);
        assert_eq!(params.get("A"), Some("1+1"));
        assert_eq!(params.get("B"), Some("x y"));
        assert_eq!(params.get("C"), Some(""));
        assert_eq!(params.get("D"), None);
    }

    #[test]
    fn lists_are_ordered_by_number() {
        let body = b"T.member.10.Key=j&T.member.2.Key=b&T.member.2.Value=v&K.member.1=plain";
        let params = Params::parse(&[body]);
        let tags = params.members("T");
        assert_eq!(tags.len(), 2);
        assert_eq!(tags.first().and_then(|tag| tag.get("Key")), Some(&"b"));
        assert_eq!(tags.first().and_then(|tag| tag.get("Value")), Some(&"v"));
        let keys = params.members("K");
        assert_eq!(keys.first().and_then(|key| key.get("")), Some(&"plain"));
    }
}
