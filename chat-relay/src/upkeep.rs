//! What happens to a history in the background: old events and rooms that nobody uses go.

use std::{sync::Arc, time::Duration};

use crate::{
    app::App,
    history::{Retention, Swept},
};

/// How often old events and unused rooms are looked for.
const UPKEEP_PAUSE: Duration = Duration::from_secs(600);
/// For how long the id of an expired room is still answered as such.
const EXPIRED_KNOWN_DAYS: u32 = 365;

/// Lets old events and unused rooms go, now and then, until the shutdown begins.
pub(crate) async fn upkeep(app: Arc<App>) {
    let mut shutdown = app.shutdown.subscribe();
    let limits = &app.config.limits;
    let days = |days: u32| (days > 0).then(|| Duration::from_secs(u64::from(days) * 86_400));
    let retention = Retention {
        event_age: days(limits.retention_days),
        events_per_room: (limits.retention_events > 0).then_some(limits.retention_events),
        room_unused: days(limits.room_expiry_days),
        expired_known: days(EXPIRED_KNOWN_DAYS),
    };
    let rounds = async {
        loop {
            tokio::time::sleep(UPKEEP_PAUSE).await;
            let now = app.around.clock.unix_millis();
            match app.around.history.sweep(retention, now).await {
                Ok(swept) if swept != Swept::default() => {
                    tracing::info!(
                        events = swept.events_pruned,
                        rooms = swept.rooms_expired,
                        "old events and unused rooms are gone"
                    );
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "old events could not be removed"),
            }
        }
    };
    tokio::select! {
        () = rounds => {}
        () = shutdown.begun() => {}
    }
}
