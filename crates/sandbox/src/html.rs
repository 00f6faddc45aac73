//! The few pages that people see. They load nothing and run nothing.

/// Makes a text safe in an element and in a quoted attribute.
pub(crate) fn escape(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, letter| {
        match letter {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(letter),
        }
        escaped
    })
}

/// A page around `body`, which is HTML already; `title` is text. `refresh` reloads it after so many seconds.
pub(crate) fn page(title: &str, refresh: Option<u32>, body: &str) -> String {
    let title = escape(title);
    let refresh = refresh.map_or_else(String::new, |seconds| {
        format!("<meta http-equiv=\"refresh\" content=\"{seconds}\">\n")
    });
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         {refresh}<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )
}

/// A page that says what went wrong.
pub(crate) fn error_page(status: u16, title: &str, message: &str) -> String {
    let body = format!(
        "{}<main><section class=\"card\"><h1>{}</h1><p id=\"error\">{}</p><p class=\"quiet\">{status}</p></section></main>",
        header(""),
        escape(title),
        escape(message),
    );
    page(title, None, &body)
}

/// The bar at the top; `right` is HTML already.
pub(crate) fn header(right: &str) -> String {
    format!(
        "<header><span class=\"logo\">console</span><span class=\"badge\">SANDBOX</span>\
         <span class=\"space\"></span>{right}</header>"
    )
}

const STYLE: &str = "
:root { color-scheme: light dark; --ink: #16191f; --quiet: #5f6b7a; --page: #f2f3f3; --card: #fff; --line: #d5dbdb; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e9ebed; --quiet: #9ba7b6; --page: #0f1b2a; --card: #192534; --line: #354150; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
header { display: flex; align-items: center; gap: 12px; padding: 0 20px; height: 48px;
  background: #232f3e; color: #fff; border-bottom: 3px solid #ff9900; }
.logo { font-weight: 700; letter-spacing: .02em; }
.badge { background: #ff9900; color: #16191f; font-size: 11px; font-weight: 700; letter-spacing: .08em;
  padding: 2px 8px; border-radius: 3px; }
.space { flex: 1; }
header .item { font-size: 14px; padding-left: 12px; border-left: 1px solid #414d5c; }
main { max-width: 880px; margin: 32px auto; padding: 0 20px; display: grid; gap: 20px; }
h1 { font-size: 24px; line-height: 1.25; margin: 0 0 8px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 20px 24px; }
.quiet { color: var(--quiet); margin: 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 10px 24px; margin: 0; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(120px, 1fr)); gap: 12px; }
.tile { background: var(--card); border: 1px solid var(--line); border-left: 4px solid #ff9900; border-radius: 6px;
  padding: 12px 14px; }
.phone { max-width: 320px; margin: 40px auto; padding: 28px 24px; border-radius: 32px; background: #16191f; color: #fff;
  border: 6px solid #414d5c; text-align: center; }
.phone .account { color: #9ba7b6; font-size: 13px; overflow-wrap: anywhere; }
.phone .code { font: 700 44px/1.4 ui-monospace, monospace; letter-spacing: .08em; }
progress { width: 100%; height: 6px; accent-color: #ff9900; }
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gets_out_of_a_text() {
        let hostile = "</title><script>alert('1')</script>\"&";
        let page = page(hostile, None, &escape(hostile));
        assert!(!page.contains("<script"));
        assert!(!page.contains("('"));
        assert!(page.contains("&quot;&amp;"));
    }

    #[test]
    fn pages_load_nothing() {
        let page = page("t", None, &header(""));
        assert!(!page.contains("http:") && !page.contains("https:") && !page.contains("url("));
    }
}
