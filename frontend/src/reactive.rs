//! Memos, effects and derived signals of boxed closures.
//!
//! The library compiles its bookkeeping anew for every closure it is given. A box makes all closures of one result type
//! the same to it, which saves a tenth of the bundle and costs one indirect call.

use leptos::prelude::*;

/// A value that is worked out again when what it reads changes, and wakes its readers only where it came out differently.
pub fn memo<T: PartialEq + Send + Sync + 'static>(read: impl Fn() -> T + Send + Sync + 'static) -> Memo<T> {
    boxed_memo(Box::new(read))
}

fn boxed_memo<T: PartialEq + Send + Sync + 'static>(read: Box<dyn Fn() -> T + Send + Sync>) -> Memo<T> {
    Memo::new(move |_| read())
}

/// A value that is worked out whenever it is read.
pub fn derived<T: Send + Sync + 'static>(read: impl Fn() -> T + Send + Sync + 'static) -> Signal<T> {
    boxed_signal(Box::new(read))
}

fn boxed_signal<T: Send + Sync + 'static>(read: Box<dyn Fn() -> T + Send + Sync>) -> Signal<T> {
    Signal::derive(read)
}

/// Something that is done now and whenever what it reads changes.
pub fn effect(run: impl FnMut() + 'static) {
    boxed_effect(Box::new(run));
}

fn boxed_effect(mut run: Box<dyn FnMut()>) {
    Effect::new(move |_: Option<()>| run());
}

/// A part of a view that follows what it reads. For `{dynamic(move || …)}` instead of `{move || …}`.
pub fn dynamic<V: IntoView + 'static>(
    view: impl Fn() -> V + Send + 'static,
) -> Box<dyn FnMut() -> AnyView + Send> {
    Box::new(move || view().into_any())
}

/// The value of an attribute, class or property that follows what it reads. For `title=attr(move || …)`.
pub fn attr<T: 'static>(value: impl FnMut() -> T + Send + 'static) -> Box<dyn FnMut() -> T + Send> {
    Box::new(value)
}
