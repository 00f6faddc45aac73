//! Single values of `config.toml`: set without losing the comments around them.

use daypass_core::{name::Name, problem::Problem};
use serde::Serialize;
use toml_edit::{Array, Item, TableLike, Value, ser::ValueSerializer};

/// A value as it is written on one line.
pub(super) fn of(value: &impl Serialize) -> Result<Item, Problem> {
    value
        .serialize(ValueSerializer::new())
        .map(Item::Value)
        .map_err(|_| Problem::ours("The value could not be written as TOML."))
}

/// Sets a key and keeps the comments around it, which `insert` would drop; without an item the key
/// goes.
pub(super) fn set(table: &mut dyn TableLike, key: &str, item: Option<Item>) {
    let Some(new) = item else {
        table.remove(key);
        return;
    };
    let Some(item) = table.get_mut(key) else {
        table.insert(key, new);
        return;
    };
    let comments = item.as_value().map(|value| value.decor().clone());
    *item = new;
    if let (Some(comments), Some(value)) = (comments, item.as_value_mut()) {
        *value.decor_mut() = comments;
    }
}

/// Puts a name into a list, or takes it out; an empty list goes.
pub(super) fn set_listed(
    table: &mut dyn TableLike,
    key: &str,
    name: &Name,
    on: bool,
) -> Result<(), Problem> {
    let names = table
        .entry(key)
        .or_insert_with(|| Item::Value(Value::Array(Array::new())))
        .as_array_mut()
        .ok_or_else(|| Problem::usage(format!("The setting {key} is a list of names.")))?;
    let is_listed = names
        .iter()
        .any(|value| value.as_str() == Some(name.as_str()));
    if on && !is_listed {
        names.push(name.as_str());
    }
    if !on {
        names.retain(|value| value.as_str() != Some(name.as_str()));
    }
    if names.is_empty() {
        table.remove(key);
    }
    Ok(())
}
