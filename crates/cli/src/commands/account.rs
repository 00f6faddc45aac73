use daypass_core::{account::Account, problem::Problem, protocol::Request};

use super::{print, print_json};
use crate::{agent::Agent, args::AccountCommand};

pub(super) fn run(command: AccountCommand, agent: &Agent) -> Result<(), Problem> {
    match command {
        AccountCommand::Set {
            id,
            name,
            colour,
            production,
            browser,
        } => {
            let known = agent.state()?.accounts;
            let known = known.into_iter().find(|account| account.id == id);
            let mut account = known.unwrap_or_else(|| Account::new(id));
            account.name = name.or(account.name);
            account.colour = colour.or(account.colour);
            account.production = production.unwrap_or(account.production);
            account.browser = browser.or(account.browser);
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
    accounts.iter().map(line).collect()
}
