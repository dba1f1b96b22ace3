//! A chart as a table: the same steps, newest first.

use common::history::Point;
use leptos::prelude::*;

use super::chart::Drawn;
use super::chart_stats::{plain, value};
use super::table::TableBox;
use super::words;
use crate::reactive::dynamic;

/// The table of a chart.
pub(super) fn table(drawn: Drawn) -> AnyView {
    let w = &words().charts;
    let heads = move || {
        drawn
            .series
            .get()
            .into_iter()
            .flat_map(|s| [w.min, w.avg, w.max].map(|of| (w.column)((w.metric)(s.metric), of)))
            .map(|text| view! { <th scope="col" class="n">{text}</th> })
            .collect_view()
    };
    let rows = move || {
        let all = drawn.series.get();
        let read: [fn(&Point) -> Option<f64>; 3] = [|p| p.min, |p| p.avg, |p| p.max];
        (0..drawn.steps.get())
            .rev()
            .filter_map(|i| Some((i, drawn.at(i)?)))
            .map(|(i, at)| {
                let cells = all.iter().flat_map(|s| {
                    let p = s.points.get(i);
                    read.map(|read| {
                        let v = p.and_then(read);
                        view! {
                            <td class="n">
                                <data value=plain(v)>{value(s.unit, v)}</data>
                            </td>
                        }
                    })
                });
                view! {
                    <tr>
                        <th scope="row" class="num">
                            <time datetime=at.to_string()>{drawn.time(at)}</time>
                        </th>
                        {cells.collect_view()}
                    </tr>
                }
            })
            .collect_view()
    };
    view! {
        <div class="chart-table">
            <TableBox label=(w.plot)(drawn.title)>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">{w.col_time}</th>
                            {dynamic(heads)}
                        </tr>
                    </thead>
                    <tbody>{dynamic(rows)}</tbody>
                </table>
            </TableBox>
        </div>
    }
    .into_any()
}
