//! Calls about people: accounts, one-time links, sessions, passwords, and automation tokens.

use common::auth::LoginReply;
use common::ids::{SessionId, TokenId, UserId};
use common::paths;
use common::sessions::{ConfirmRequest, Confirmed, PasswordChange, SessionList};
use common::tokens::{EditToken, NewToken, Token, TokenMade, TokenPage};
use common::users::{
    Account, AccountChanges, AccountPage, InviteRequest, Invited, OneTimeLink, Redeem, WelcomeInfo,
    WelcomeLook,
};
use gloo_net::http::Method;

use super::calls::{Ask, exchange, json, read};
use super::decode::FromJson;
use super::{Api, ApiError};
use crate::routes::encode;

/// So many pages of a list are read at most; nobody looks through more.
const PAGES: usize = 20;
/// Of a page.
const LIMIT: usize = 100;

fn account(id: UserId) -> String {
    format!("{}/{id}", paths::USERS)
}

/// A page of a list, and where the next one begins.
trait Paged: FromJson {
    type Item;
    fn parts(self) -> (Vec<Self::Item>, Option<String>);
}

impl Paged for AccountPage {
    type Item = Account;
    fn parts(self) -> (Vec<Account>, Option<String>) {
        (self.items, self.next_cursor)
    }
}

impl Paged for TokenPage {
    type Item = Token;
    fn parts(self) -> (Vec<Token>, Option<String>) {
        (self.items, self.next_cursor)
    }
}

impl Api {
    /// A whole list, page after page.
    async fn all<P: Paged>(self, path: &str) -> Result<Vec<P::Item>, ApiError> {
        let (mut all, mut next) = (Vec::new(), String::new());
        for _ in 0..PAGES {
            let page: P = self.call(Method::GET, &format!("{path}?limit={LIMIT}{next}"), None).await?;
            let (items, cursor) = page.parts();
            all.extend(items);
            let Some(cursor) = cursor else { break };
            next = format!("&cursor={}", encode(&cursor));
        }
        Ok(all)
    }

    /// All accounts, by e-mail.
    ///
    /// # Errors
    /// [`ApiError`]; 403 for those who may not manage people.
    pub async fn accounts(self) -> Result<Vec<Account>, ApiError> {
        self.all::<AccountPage>(paths::USERS).await
    }

    /// Invites somebody. The reply alone holds the link.
    ///
    /// # Errors
    /// [`ApiError`], with every field that is not right.
    pub async fn invite(self, request: &InviteRequest) -> Result<Invited, ApiError> {
        self.create(paths::USERS, json(request)?).await
    }

    /// Changes an account.
    ///
    /// # Errors
    /// [`ApiError`]; 412 where somebody changed it meanwhile, 409 where a rule stands against it.
    pub async fn edit_account(
        self,
        id: UserId,
        changes: &AccountChanges,
        base: i64,
    ) -> Result<Account, ApiError> {
        let (path, body) = (account(id), Some(json(changes)?));
        self.ask(Ask { method: Method::PATCH, path: &path, body, base: Some(base), ..Ask::default() }).await
    }

    /// Deletes an account with its sessions and tokens.
    ///
    /// # Errors
    /// [`ApiError`]; 409 where a rule stands against it.
    pub async fn delete_account(self, id: UserId, base: i64) -> Result<(), ApiError> {
        let path = account(id);
        self.ask(Ask { method: Method::DELETE, path: &path, base: Some(base), ..Ask::default() }).await
    }

    /// Makes another one-time link: an invitation, or for another password.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn new_link(self, id: UserId) -> Result<OneTimeLink, ApiError> {
        self.call(Method::POST, &format!("{}/link", account(id)), None).await
    }

    /// Somebody's sessions.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn sessions_of(self, id: UserId) -> Result<SessionList, ApiError> {
        self.call(Method::GET, &format!("{}/sessions", account(id)), None).await
    }

    /// Ends all sessions of somebody.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn sign_out_everywhere(self, id: UserId) -> Result<(), ApiError> {
        self.call(Method::DELETE, &format!("{}/sessions", account(id)), None).await
    }

    /// One's own sessions.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn own_sessions(self) -> Result<SessionList, ApiError> {
        self.call(Method::GET, paths::SESSIONS, None).await
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn end_session(self, id: SessionId) -> Result<(), ApiError> {
        self.call(Method::DELETE, &format!("{}/{id}", paths::SESSIONS), None).await
    }

    /// Changes one's own password; all other sessions end.
    ///
    /// # Errors
    /// [`ApiError`], with every field that is not right.
    pub async fn change_password(self, change: &PasswordChange) -> Result<(), ApiError> {
        self.call(Method::PUT, paths::PASSWORD, Some(json(change)?)).await
    }

    /// Says again who this is.
    ///
    /// # Errors
    /// [`ApiError`]: a wrong password and too many of them are refusals.
    pub async fn confirm(self, password: String) -> Result<Confirmed, ApiError> {
        let body = Some(json(&ConfirmRequest { password })?);
        // Not through `call`: a wrong password is an answer and no end of a session.
        let ask = Ask { method: Method::POST, path: paths::CONFIRM, body, ..Ask::default() };
        let reply = exchange(ask).await;
        let over = |e: &ApiError| e.problem().is_some_and(|p| p.code == "unauthenticated");
        if reply.as_ref().is_err_and(over) {
            self.ended();
        }
        read(&reply?)
    }

    /// Whom a one-time link is for.
    ///
    /// # Errors
    /// [`ApiError`]; 410 where it was used, is too old, or never was.
    pub async fn look_at_link(self, token: &str) -> Result<WelcomeInfo, ApiError> {
        let body = Some(json(&WelcomeLook { token: token.to_owned() })?);
        read(
            &exchange(Ask { method: Method::POST, path: paths::WELCOME_LOOK, body, ..Ask::default() })
                .await?,
        )
    }

    /// Sets the password of the account that a one-time link is for, and signs in.
    ///
    /// # Errors
    /// [`ApiError`], with what the password lacks; 410 as above.
    pub async fn redeem(self, request: &Redeem) -> Result<LoginReply, ApiError> {
        let body = Some(json(request)?);
        read(&exchange(Ask { method: Method::POST, path: paths::WELCOME, body, ..Ask::default() }).await?)
    }

    /// Automation tokens, the newest first: one's own, and everybody's for administrators.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn tokens(self) -> Result<Vec<Token>, ApiError> {
        self.all::<TokenPage>(paths::TOKENS).await
    }

    /// Makes a token. The reply alone holds its text.
    ///
    /// # Errors
    /// [`ApiError`], with every field that is not right.
    pub async fn make_token(self, request: &NewToken) -> Result<TokenMade, ApiError> {
        self.create(paths::TOKENS, json(request)?).await
    }

    /// Gives a token another name; `base` is the version this is based on.
    ///
    /// # Errors
    /// [`ApiError`]; 412 where somebody changed it meanwhile.
    pub async fn rename_token(self, id: TokenId, edit: &EditToken, base: i64) -> Result<Token, ApiError> {
        let (path, body) = (format!("{}/{id}", paths::TOKENS), Some(json(edit)?));
        self.ask(Ask { method: Method::PATCH, path: &path, body, base: Some(base), ..Ask::default() }).await
    }

    /// Ends a token.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn revoke_token(self, id: TokenId) -> Result<(), ApiError> {
        self.call(Method::DELETE, &format!("{}/{id}", paths::TOKENS), None).await
    }
}
