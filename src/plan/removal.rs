//! The way back: what is ours, in reverse order, and never what somebody else still uses.

use std::collections::{BTreeMap, BTreeSet};

use privlink_core::side::{
    Cx, DatabaseSide, Exchange, Fact, Kept, NetworkSide, Ownership, Side, SideId, Slot, Step, StepState, Survey,
    TouchKey,
};
use privlink_core::{Error, ErrorKind, Finding, Result, Severity, Text};

use super::survey::{Surveyed, fixed_point, live_endpoints};

/// A removal before the order: both sides' steps and what stays.
#[derive(Debug)]
pub(crate) struct Leaving {
    pub(crate) surveyed: Surveyed,
    pub(crate) steps: Vec<Step>,
    pub(crate) kept: Vec<Kept>,
    /// Who else uses the endpoint; `None` when that cannot be told for certain.
    pub(crate) users: Option<BTreeSet<TouchKey>>,
    /// What the vendor calls those users.
    pub(crate) words: BTreeMap<TouchKey, Text>,
    /// The names that lead to the endpoint, those of other organizations' databases included.
    pub(crate) leading: BTreeSet<TouchKey>,
}

/// Asks both sides what is there of a link. The database may be deleted and its keys gone: the
/// network's own marks still say what is ours.
async fn found(database: &dyn DatabaseSide, network: &dyn NetworkSide, cx: &Cx) -> Result<Surveyed> {
    let before = fixed_point(
        |known| async move { absent_vendor(database.survey(&known, cx).await, database.id()) },
        |known| async move { network.survey(&known, cx).await },
        privlink_core::side::Exchange::new(),
    )
    .await?;
    let mut surveyed = fixed_point(
        |known| async move { absent_vendor(database.removal(&known, cx).await, database.id()) },
        |known| async move { network.removal(&known, cx).await },
        before.known,
    )
    .await?;
    surveyed.rounds += before.rounds;
    surveyed.findings.dedup();
    Ok(surveyed)
}

/// Asks both sides for the way back, and who else uses the endpoint.
pub(crate) async fn removal(database: &dyn DatabaseSide, network: &dyn NetworkSide, cx: &Cx) -> Result<Leaving> {
    let mut surveyed = found(database, network, cx).await?;
    let mut users = Some(BTreeSet::new());
    for endpoint in live_endpoints(&surveyed.known) {
        match database.users(endpoint, cx).await {
            Ok((found, complete)) => {
                users = users.filter(|_| complete).map(|mut users| {
                    users.extend(found);
                    users
                });
            }
            Err(error) if vendor_is_absent(&error) => users = None,
            Err(error) => return Err(error),
        }
    }

    let mut steps = std::mem::take(&mut surveyed.network.steps);
    steps.append(&mut surveyed.database.steps);
    let mut kept = std::mem::take(&mut surveyed.network.kept);
    kept.append(&mut surveyed.database.kept);
    let words = match &users {
        Some(users) if !users.is_empty() => database.users_in_words(users, cx).await?,
        _ => BTreeMap::new(),
    };
    let mut leading = BTreeSet::new();
    // Asked only where the endpoint would go: it reads the zones of every neighbour.
    let own: BTreeSet<&TouchKey> = taken_away(&steps).collect();
    let may_go = steps.iter().any(|step| step.gives.contains(&Fact::Endpoint))
        && users.as_ref().is_some_and(|users| cx.breadth() > 1 || users.iter().all(|user| own.contains(user)));
    for endpoint in live_endpoints(&surveyed.known).filter(|_| may_go) {
        leading.extend(network.leading_to(endpoint, &surveyed.known, cx).await?);
    }
    Ok(Leaving { surveyed, steps, kept, users, words, leading })
}

/// The slots of endpoints that nobody here made and that another database is reached through by the very name of this one.
fn shared_slots(leaving: &Leaving) -> BTreeSet<&Slot> {
    let known = &leaving.surveyed.known;
    let adopted = |slot: &Slot| {
        let endpoint = known.endpoints.get(slot);
        endpoint.is_some_and(|endpoint| matches!(endpoint.ownership, Ownership::Adopted(_)))
    };
    known.names.iter().filter(|name| name.shared && adopted(&name.slot)).map(|name| &name.slot).collect()
}

/// Keeps what leads others to an endpoint that nobody here made: with one of ours it would stay as long as that.
///
/// An entry at the vendor that this link leaves behind is its own database's use, and keeps nothing.
fn keep_shared_names(leaving: &mut Leaving, going: &BTreeSet<TouchKey>) {
    let slots: BTreeSet<Slot> = shared_slots(leaving).into_iter().cloned().collect();
    if slots.is_empty() {
        return;
    }
    let reason = match &leaving.users {
        None => "it cannot be told whether other databases are reached by it".to_owned(),
        Some(users) => {
            let own = leaving.kept.iter().map(|kept| &kept.key);
            let away: BTreeSet<TouchKey> = going.iter().chain(own).cloned().collect();
            let others = staying(users, &away, &leaving.words);
            if others.is_empty() {
                return;
            }
            format!("other databases are reached by it: {}", others.join(", "))
        }
    };
    let shared = |step: &Step| {
        step.gives.contains(&Fact::SharedNames) && step.slot.as_ref().is_none_or(|slot| slots.contains(slot))
    };
    let (stays, rest): (Vec<_>, Vec<_>) = leaving.steps.drain(..).partition(shared);
    leaving.steps = rest;
    leaving.kept.extend(stays.into_iter().map(|step| Kept::new(step.key, reason.clone()).what(step.thing)));
}

/// The keys of what `steps` take away: vendor entries and records among them.
pub(crate) fn taken_away(steps: &[Step]) -> impl Iterator<Item = &TouchKey> {
    steps.iter().filter(|step| step.state != StepState::AlreadyDone).map(|step| &step.key)
}

/// Drops the steps that would take an endpoint away from others who use it, and whatever it
/// stands on; notes them as kept.
///
/// `going` are the entries and records that go anyway: this link's, and in a set those of all its
/// links.
pub(crate) fn keep_what_others_use(leaving: &mut Leaving, going: &BTreeSet<TouchKey>) {
    keep_shared_names(leaving, going);
    // What others of the same account use keeps that account's mark too. Where the vendor tells no
    // account, the mark is this database's alone, and goes with it.
    let mut keeps_mark = leaving.surveyed.known.vendor_account.is_some();
    let reason = match &leaving.users {
        None => "it cannot be told whether other databases use it".to_owned(),
        Some(users) => {
            let (others, leading) =
                (staying(users, going, &leaving.words), staying(&leaving.leading, going, &leaving.words));
            if !others.is_empty() {
                format!("other databases use it: {}", others.join(", "))
            } else if !leading.is_empty() {
                keeps_mark = false;
                format!(
                    "names that stay lead to it or marks on it, perhaps another organization's: {}",
                    leading.join(", ")
                )
            } else {
                return;
            }
        }
    };
    let mut stays: Vec<Step> = Vec::new();
    let (endpoints, mut rest): (Vec<_>, Vec<_>) = leaving
        .steps
        .drain(..)
        .partition(|step| step.gives.contains(&Fact::Endpoint) || keeps_mark && step.gives.contains(&Fact::Claimed));
    stays.extend(endpoints);
    // Whatever a thing that stays was built on stays with it.
    while let Some(found) = rest.iter().position(|step| {
        stays.iter().any(|stay| stay.needs.iter().any(|fact| step.gives.contains(fact) && *fact != Fact::Served))
    }) {
        stays.push(rest.remove(found));
    }
    leaving.steps = rest;
    leaving.kept.extend(stays.into_iter().map(|step| {
        let kept = Kept::new(step.key, reason.clone());
        if step.thing.is_empty() { kept } else { kept.what(step.thing) }
    }));
}

/// Those of `all` that are not `going`, in `words` or their own.
fn staying<'a>(
    all: impl IntoIterator<Item = &'a TouchKey>,
    going: &BTreeSet<TouchKey>,
    words: &BTreeMap<TouchKey, Text>,
) -> Vec<String> {
    let told = |key: &TouchKey| words.get(key).map_or_else(|| key.words(), ToString::to_string);
    all.into_iter().filter(|key| !going.contains(*key)).map(told).collect()
}

/// A finding when a database or a name that is not `going` uses an endpoint of `known`, or that
/// cannot be told.
pub(crate) async fn still_used(
    database: &dyn DatabaseSide,
    network: &dyn NetworkSide,
    known: &Exchange,
    going: &BTreeSet<TouchKey>,
    cx: &Cx,
) -> Result<Option<Finding>> {
    for endpoint in live_endpoints(known) {
        let (users, complete) = database.users(endpoint, cx).await?;
        let users: BTreeSet<TouchKey> = users.into_iter().filter(|user| !going.contains(user)).collect();
        let words = if users.is_empty() { BTreeMap::new() } else { database.users_in_words(&users, cx).await? };
        let mut others = staying(&users, going, &words);
        if others.is_empty() && complete {
            let leading = network.leading_to(endpoint, known, cx).await?;
            others.extend(staying(&leading, going, &words));
        }
        if others.is_empty() && complete {
            continue;
        }
        let seen = if complete { others.join(", ") } else { "not every database could be seen".to_owned() };
        return Ok(Some(others_use_it(seen)));
    }
    Ok(None)
}

/// A finding when another database is reached by a name that was this one's alone when the removal was planned.
pub(crate) async fn still_reached(database: &dyn DatabaseSide, known: &Exchange, cx: &Cx) -> Result<Option<Finding>> {
    let shared = match database.shared_hosts(known, cx).await {
        Ok(shared) => shared,
        // As when it was planned: a vendor that lets nobody in says nothing.
        Err(error) if vendor_is_absent(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    let come = known.names.iter().find(|name| !name.shared && shared.contains(&name.host));
    Ok(come.map(|name| others_use_it(format!("it is reached by {} as well", name.host))))
}

/// The finding that an endpoint which was to go stays.
pub(crate) fn others_use_it(seen: impl Into<Text>) -> Finding {
    Finding::new(
        "LINK-008",
        Severity::Blocks,
        "another database uses the endpoint by now, so it stays",
        "plan the removal again; it keeps what others use",
    )
    .evidence(seen)
}

/// A vendor that no longer knows the database, or lets nobody in, has nothing to say; that is
/// a finding, not the end of a removal.
fn absent_vendor(survey: Result<Survey>, side: SideId) -> Result<Survey> {
    match survey {
        Err(error) if vendor_is_absent(&error) => {
            let mut survey = Survey::new();
            survey.findings.push(
                Finding::new(
                    "LINK-004",
                    Severity::Warning,
                    format!("{side} could not be asked, so its entries are left as they are"),
                    "if entries of this link remain at the vendor, remove them there by hand or plan again with keys",
                )
                .evidence(error.to_string()),
            );
            Ok(survey)
        }
        other => other,
    }
}

fn vendor_is_absent(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Unauthenticated | ErrorKind::PermissionDenied)
}

/// The side that performs `step`, of the two.
pub(crate) fn side_of<'a>(
    step: &Step,
    database: &'a dyn DatabaseSide,
    network: &'a dyn NetworkSide,
) -> Result<&'a dyn Side> {
    if step.side == database.id() {
        Ok(database)
    } else if step.side == network.id() {
        Ok(network)
    } else {
        Err(Error::invalid(format!(
            "step `{}` belongs to side `{}`; this link has `{}` and `{}`",
            step.verb,
            step.side,
            database.id(),
            network.id()
        )))
    }
}
