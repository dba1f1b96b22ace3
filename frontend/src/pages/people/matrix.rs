//! What each role may do, from the list that the server decides by.

use common::auth::Role;
use leptos::prelude::*;

use crate::components::{Icon, TableBox};
use crate::i18n::{people, use_i18n};

/// All roles, the least first.
pub const ROLES: [Role; 3] = [Role::Viewer, Role::Operator, Role::Admin];

/// Whether a role may.
fn cell(yes: bool) -> impl IntoView {
    let w = people();
    let (icon, word) = if yes { ("check", w.yes) } else { ("minus", w.no) };
    view! {
        <td>
            <span class="cell">
                <Icon name=icon />
                <span>{word}</span>
            </span>
        </td>
    }
}

/// What the roles may do: a table and what it does not show.
#[component]
pub fn RoleTable() -> impl IntoView {
    let (w, t) = (people(), use_i18n().t);
    let line = |(permission, text): &'static (common::auth::Permission, &'static str)| {
        view! {
            <tr>
                <th scope="row" class="wrap">
                    {*text}
                </th>
                {ROLES.map(|role| cell(permission.granted_to(role)))}
            </tr>
        }
    };
    view! {
        <p class="mut prose">{w.matrix_text}</p>
        <TableBox label=w.matrix>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{w.matrix_may}</th>
                        {ROLES.map(|role| view! { <th scope="col">{(t.role)(role)}</th> })}
                    </tr>
                </thead>
                <tbody>{w.matrix_lines.iter().map(line).collect_view()}</tbody>
            </table>
        </TableBox>
    }
}

/// The card under the list of people.
#[component]
pub fn RoleMatrix() -> impl IntoView {
    view! {
        <section class="card stack">
            <h2>{people().matrix}</h2>
            <RoleTable />
        </section>
    }
}
