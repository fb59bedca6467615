use privlink_core::side::RecordShape;
use privlink_core::{DnsName, PrivateDnsHostname};
use privlink_dns::{HostPattern, NamePattern, RecordPlan, Zone, answering, collide};

/// Lines: a pattern of public names, a pattern of private names, then hosts. What a host's line
/// ends in says what is done with it: `=` an own zone, `+` an exact record, `*` a wildcard, `!`
/// a zone that is there; the character before that is the endpoint it leads to.
pub fn names(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let mut lines = text.lines();
    let (public, private) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    for pattern in [public, private] {
        if let Ok(pattern) = pattern.parse::<NamePattern>() {
            assert_eq!(pattern.to_string().parse::<NamePattern>().as_ref(), Ok(&pattern));
        }
    }
    let pair = HostPattern::new(public, private).ok();
    let (mut plans, mut zones, mut names) = (Vec::new(), Vec::new(), Vec::new());
    for line in lines.take(24) {
        let mut front = line.chars();
        let (kind, target) = (front.next_back(), front.next_back().unwrap_or_default().to_string());
        let Ok(host) = front.as_str().parse::<PrivateDnsHostname>() else { continue };
        if let Some(pair) = &pair {
            there_and_back(pair, &host);
        }
        let shape = match kind {
            Some('=') => RecordShape::Apex,
            Some('+') => RecordShape::Exact,
            Some('*') => RecordShape::Wildcard,
            Some('!') => {
                zones.push(Zone::new(host.zone(), target.clone()).record(host.name(), target));
                continue;
            }
            _ => {
                names.push(host.name());
                continue;
            }
        };
        plans.extend(RecordPlan::of(&host, shape, target));
    }
    records(&plans, &zones, &names);
}

fn there_and_back(pair: &HostPattern, host: &PrivateDnsHostname) {
    if let Some(public) = pair.public_host(host) {
        assert_eq!(pair.private_host(&public).as_ref(), Some(host));
        let parts = pair.private().matches(&host.name()).expect("it has a public counterpart");
        assert_eq!(pair.private_host_of(&parts).as_ref(), Some(host));
        if let Some(zone) = parts.region().and_then(|region| pair.zone(&region)) {
            assert_eq!(zone, host.zone());
        }
    }
}

fn records(plans: &[RecordPlan], zones: &[Zone], names: &[DnsName]) {
    for plan in plans {
        assert!(plan.name.is_within(&plan.zone) && plan.answers(&plan.host), "{plan}");
        assert!(!plan.label().is_empty());
    }
    let found = collide(plans, zones, names);
    assert_eq!(found, collide(plans, zones, names));
    for collision in &found {
        let finding = collision.finding();
        assert!(finding.code.starts_with("ZONE-") && !finding.summary.contains('\n'));
    }
    if zones.is_empty() && names.is_empty() && plans.iter().all(|plan| plan.zone == plan.host) {
        let split =
            plans.iter().any(|one| plans.iter().any(|other| one.name == other.name && one.target != other.target));
        assert_eq!(found.is_empty(), !split, "zones of their own collide only over one host: {found:?}");
    }
    for name in names {
        let all: Vec<&DnsName> = zones.iter().map(|zone| &zone.name).collect();
        if let Some(zone) = answering(all.iter().copied(), name) {
            assert!(name.is_within(zone));
            assert!(all.iter().all(|other| !name.is_within(other) || zone.is_within(other)));
        }
    }
}
