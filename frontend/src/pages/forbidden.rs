//! What stands in place of a page that the person's role does not allow: which role it takes, and who has it.

use common::auth::{Permission, Role};
use leptos::prelude::*;

use crate::components::{Empty, words};
use crate::i18n::use_i18n;
use crate::reactive::{dynamic, memo};
use crate::routes::{self, Page};
use crate::shell::title::use_title;
use crate::state::helpers::use_helpers;
use crate::state::session::use_session;

/// What a page is for, where it is for nothing but changes. Every other page shows something to everybody, and says at
/// its controls which role they take.
fn needed(page: Page) -> Option<Permission> {
    match page {
        Page::RegionNew | Page::NodeNew | Page::NodeConnect => Some(Permission::Operate),
        Page::UserInvite | Page::User | Page::WebhookNew | Page::WebhookEdit => Some(Permission::Administer),
        _ => None,
    }
}

/// Follows what the person lacks for the page on the screen; `None` where it may be shown.
pub fn use_lacking(page: Memo<Page>) -> Memo<Option<Permission>> {
    let session = use_session();
    memo(move || {
        let permission = needed(page.get())?;
        // Nobody yet: the frame waits for somebody.
        let role = session.user(|user| user.role)?;
        (!permission.granted_to(role)).then_some(permission)
    })
}

/// The page.
#[component]
pub fn ForbiddenPage(
    /// What it takes.
    permission: Permission,
) -> impl IntoView {
    let (t, session, w) = (use_i18n().t, use_session(), &words().states);
    use_title(move || w.forbidden_title.to_owned());
    let least = permission.least_role();
    let own = session.user(|user| user.role).map(t.role).unwrap_or_default();
    let in_general = if least == Role::Admin { w.admins_have_it } else { w.operators_have_it };
    let who = use_helpers(least);
    let text = move || (w.forbidden_who)(own, who.get().as_deref().unwrap_or(in_general));
    view! {
        <h1 tabindex="-1">{w.forbidden_title}</h1>
        {dynamic(move || {
            view! {
                <Empty icon="lock" title=(w.forbidden)((t.role)(least)) text=text()>
                    <a class="btn" href=routes::DASHBOARD>
                        {t.nav_dashboard}
                    </a>
                </Empty>
            }
        })}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_forms_are_closed() {
        assert_eq!(needed(Page::RegionNew), Some(Permission::Operate));
        assert_eq!(needed(Page::NodeConnect), Some(Permission::Operate));
        assert_eq!((needed(Page::Dashboard), needed(Page::RegionStorage)), (None, None));
    }
}
