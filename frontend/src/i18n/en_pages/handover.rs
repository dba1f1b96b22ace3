//! English sentences about the settings of a server: their forms, and what a file that was pasted says.

use common::snippet::{Form, Setting, SnippetError};

/// Handing settings over.
pub struct HandoverWords {
    /// Name of the row of forms.
    pub forms: &'static str,
    /// One of them.
    pub form: fn(Form) -> &'static str,
    /// What it is for.
    pub form_hint: fn(Form) -> &'static str,
    /// Button: the name of the file.
    pub download: fn(&str) -> String,
    /// Heading, folded.
    pub check: &'static str,
    /// What it does.
    pub check_lead: &'static str,
    /// Label of the box.
    pub check_label: &'static str,
    /// Verdict.
    pub fits: &'static str,
    /// Verdict: so many settings.
    pub differs: fn(usize) -> String,
    /// It cannot be read.
    pub unreadable: fn(&SnippetError) -> &'static str,
    /// A setting.
    pub setting: fn(Setting) -> &'static str,
    /// State of a setting.
    pub same: &'static str,
    /// State of a setting.
    pub other: &'static str,
    /// The file says nothing.
    pub missing: &'static str,
    /// Before what it should say.
    pub should: &'static str,
    /// Button.
    pub empty: &'static str,
    /// While an endpoint is typed: nobody has it.
    pub free: &'static str,
    /// Somebody has it: before the name of the node.
    pub taken: &'static str,
}

/// English.
pub(crate) const HANDOVER: HandoverWords = HandoverWords {
    forms: "Form of the settings",
    form: |form| match form {
        Form::File => "File",
        Form::Environment => "Environment",
        Form::Compose => "docker-compose",
        Form::Systemd => "systemd",
    },
    form_hint: |form| match form {
        Form::File => {
            "Put this into the appsettings.json of the server. Copy and download contain the secret."
        }
        Form::Environment => {
            "The same settings as variables, for a server or an agent without a file. Copy and download contain the secret."
        }
        Form::Compose => {
            "A service that runs the agent with these settings. The program is expected at the path it names. Copy and download contain the secret."
        }
        Form::Systemd => {
            "A unit that runs the agent with the file, which is expected at the path it names. It does not contain the secret."
        }
    },
    download: |file| format!("Download {file}"),
    check: "Check my file",
    check_lead: "Paste the appsettings.json of the server. It is read in this browser, and nothing is sent.",
    check_label: "Contents of appsettings.json",
    fits: "The file fits this node.",
    differs: |n| match n {
        1 => "One setting differs.".to_owned(),
        n => format!("{n} settings differ."),
    },
    unreadable: |e| match e {
        SnippetError::Json(_) => "This is not JSON. Comments are not allowed either.",
        SnippetError::NoKey => "There is no ApiKey in the sections Server, Proxy or Security.",
        SnippetError::TwoKinds => "More than one of the sections Server, Proxy and Security holds an ApiKey.",
        SnippetError::NoUrl => "There is no Infrastructure:Url, the address of this control plane.",
    },
    setting: |setting| match setting {
        Setting::Kind => "Section",
        Setting::Id => "Node ID",
        Setting::Region => "Region ID",
        Setting::Secret => "Fingerprint of the secret",
        Setting::Url => "Address of the control plane",
    },
    same: "As registered",
    other: "Differs",
    missing: "not in the file",
    should: "should be",
    empty: "Clear",
    free: "Endpoint is free",
    taken: "Already registered as",
};
