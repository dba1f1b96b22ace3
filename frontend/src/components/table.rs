//! Parts of tables: the scroll box and headers that sort.

use leptos::prelude::*;

use super::icon::Icon;
use crate::reactive::{attr, dynamic, memo};

/// What a table is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort<C> {
    /// The column.
    pub column: C,
    /// Largest or last first.
    pub descending: bool,
}

impl<C: PartialEq + Copy> Sort<C> {
    /// What a press on the header of `column` leads to: the other direction, or the column ascending.
    pub fn pressed(self, column: C) -> Self {
        Self { column, descending: self.column == column && !self.descending }
    }
}

/// A table's own scroll box, so that the page never scrolls sideways; reachable by keyboard.
#[component]
pub fn TableBox(
    /// What the table holds.
    #[prop(into)]
    label: String,
    /// The table.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="tw" tabindex="0" role="region" aria-label=label>
            {children()}
        </div>
    }
}

/// A column header that sorts.
#[component]
pub fn SortHeader<C>(
    /// The column.
    column: C,
    /// Its words.
    #[prop(into)]
    label: String,
    /// What the table is sorted by.
    #[prop(into)]
    sort: Signal<Sort<C>>,
    /// The header was pressed: sort so.
    on_sort: Callback<Sort<C>>,
    /// A column of numbers.
    #[prop(optional)]
    numeric: bool,
) -> impl IntoView
where
    C: Copy + PartialEq + Send + Sync + 'static,
{
    let direction = memo(move || {
        let sort = sort.get();
        (sort.column == column).then_some(sort.descending)
    });
    view! {
        <th
            scope="col"
            class=numeric.then_some("n")
            aria-sort=attr(move || direction.get().map(|down| if down { "descending" } else { "ascending" }))
        >
            <button type="button" on:click=move |_| on_sort.run(sort.get_untracked().pressed(column))>
                {label}
                {dynamic(move || {
                    direction
                        .get()
                        .map(|down| {
                            if down { view! { <Icon name="arrow-down" /> } } else { view! { <Icon name="arrow-up" /> } }
                        })
                })}
            </button>
        </th>
    }
}

#[cfg(test)]
mod tests {
    use super::Sort;

    #[test]
    fn pressing_a_header_turns_the_order() {
        let by_a = Sort { column: 'a', descending: false };
        assert_eq!(by_a.pressed('a'), Sort { column: 'a', descending: true });
        assert_eq!(by_a.pressed('a').pressed('a'), by_a);
        assert_eq!(by_a.pressed('a').pressed('b'), Sort { column: 'b', descending: false });
    }
}
