//! One counter per name of a fixed list, and one for all other names: a label with values of clients would grow
//! without end.

use prometheus_client::{
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

/// What names are counted under that are not in the list.
const OTHER: &str = "other";

/// Counters by name.
#[derive(Debug, Clone)]
pub struct Named {
    known: Vec<(&'static str, Counter)>,
    other: Counter,
}

impl Named {
    /// Counters for `names`, all of them at zero from the start, under the label `label`.
    pub(super) fn register(
        registry: &mut Registry,
        metric: &str,
        help: &str,
        label: &'static str,
        names: &'static [&'static str],
    ) -> Self {
        let family = Family::<[(&'static str, &'static str); 1], Counter>::default();
        let of = |name| family.get_or_create(&[(label, name)]).clone();
        let known = names.iter().map(|name| (*name, of(name))).collect();
        let other = of(OTHER);
        registry.register(metric, help, family);
        Self { known, other }
    }

    /// The counter of `name`, to be kept by who counts often.
    pub fn of(&self, name: &str) -> &Counter {
        let found = self.known.iter().find(|(known, _)| *known == name);
        found.map_or(&self.other, |(_, counter)| counter)
    }

    /// Counts one of `name`.
    pub fn count(&self, name: &str) {
        self.of(name).inc();
    }
}
