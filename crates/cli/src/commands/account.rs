use daypass_core::{
    account::Account,
    problem::{Code, Problem},
    protocol::Request,
};

use super::{print, print_json};
use crate::{
    agent::Agent,
    args::{AccountCommand, Cleared},
};

pub(super) fn run(command: AccountCommand, agent: &Agent) -> Result<(), Problem> {
    match command {
        AccountCommand::Set {
            id,
            name,
            colour,
            production,
            browser,
            clear,
        } => {
            let known = agent.state()?.accounts;
            let known = known.into_iter().find(|account| account.id == id);
            let mut account = known.unwrap_or_else(|| Account::new(id));
            let stays = |what| !clear.contains(&what);
            account.name = name.or(account.name.filter(|_| stays(Cleared::Name)));
            account.colour = colour.or(account.colour.filter(|_| stays(Cleared::Colour)));
            account.production = production.unwrap_or(account.production);
            account.browser = browser.or(account.browser.filter(|_| stays(Cleared::Browser)));
            account.check()?;
            agent.ask(Request::SetAccount(account))?;
            Ok(())
        }
        AccountCommand::List { json } => {
            let accounts = agent.state()?.accounts;
            if json {
                return print_json(&accounts);
            }
            print(&list(&accounts))
        }
        AccountCommand::Remove { id } => {
            if agent.state()?.accounts.iter().all(|known| known.id != id) {
                return Err(Problem::yours(
                    Code::Usage,
                    format!("Nothing is said about the account {}.", id.as_str()),
                    "`daypass account list` shows those that something is said about.",
                ));
            }
            agent.ask(Request::SetAccount(Account::new(id)))?;
            Ok(())
        }
    }
}

fn list(accounts: &[Account]) -> String {
    let line = |account: &Account| {
        let mut words = vec![account.id.as_str().to_owned()];
        words.extend(account.name.clone());
        words.extend(account.production.then(|| "production".to_owned()));
        words.extend(account.colour.map(|colour| colour.to_string()));
        words.extend(account.browser.as_ref().map(ToString::to_string));
        words.join("  ") + "\n"
    };
    if accounts.is_empty() {
        return "Nothing is said about any account yet. Name one with `daypass account set ID --name NAME`.\n".to_owned();
    }
    accounts.iter().map(line).collect()
}
