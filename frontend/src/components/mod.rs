//! Parts that pages are made of. They render what they are given: no requests, no state of the cluster.

pub mod action;
pub mod chart;
pub mod chart_model;
mod chart_plot;
pub mod chart_stats;
mod chart_table;
pub mod copy;
pub mod country;
pub mod country_names;
pub mod feedback;
pub mod figure;
pub mod foreign;
pub mod form;
pub mod form_tail;
pub mod format;
pub mod icon;
pub mod menu;
pub mod modal;
pub mod nav;
pub mod page_tools;
pub mod palette;
pub mod palette_items;
pub mod palette_match;
pub mod password;
pub mod region_card;
pub mod secret;
pub mod sparkline;
pub mod status;
pub mod table;
pub mod tabs;
pub mod toast;

pub use action::{GatedButton, GatedLink, Reason, SubmitButton};
pub use copy::CopyButton;
pub use country::CountryCombobox;
pub use country_names::country_name;
pub use feedback::{Empty, ErrorPanel, Note, Skeleton};
pub use figure::{Age, Meter, NoData, Num, Ratio, TextOrNone};
pub use foreign::{ServerWords, said};
pub use form::{Check, ErrorSummary, Field, TextField};
pub use form_tail::{EditTail, FormTail, TailWords};
pub use icon::{Flag, Icon};
pub use modal::Modal;
pub use nav::{Breadcrumb, Crumb};
pub use password::PasswordField;
pub use region_card::RegionCard;
pub use secret::{Reveal, SecretBox};
pub use sparkline::Sparkline;
pub use status::{Segment, StackedBar, StatusBadge, Tag, count_beside};
pub use table::{Sort, SortHeader, TableBox};
pub use tabs::{Tab, Tabs};

use crate::i18n::en_pages::PageStrings;

/// The sentences of components and pages in the language of the page.
pub fn words() -> &'static PageStrings {
    crate::i18n::current().pages
}
