//! Where clients connect over privatelink.

use privlink_core::side::{Exchange, Fact, Outcome, PortRange, PrivateName, RecordShape, Slot};
use privlink_core::{Result, Turn};

use super::steps::ReadNames;
use super::{entry, findings};
use crate::facts::Facts;
use crate::{Component, ConnectionId, Service, ServiceDetails, Usage};

pub(super) async fn read(service: &Service, kind: &ReadNames, known: &Exchange) -> Result<Outcome> {
    let details = service.details().await?;
    if let Some(off) = kind.components.iter().find(|component| !details.has_access(component)) {
        return Ok(Outcome::moved(findings::switched_off(off)));
    }
    let connection = entry::pinned(service, known);
    let facts = service.client().facts();
    Ok(match names(facts, &details, connection.as_ref(), &kind.components) {
        Ok(Ok(names)) => Outcome::already(published(names)),
        Ok(Err(missing)) => {
            let stage = format!("Aiven has published no address of {} yet", missing.join(", "));
            Outcome::waiting(stage, Turn::Vendor, facts.polling.every)
        }
        Err(error) => Outcome::refused(findings::several_connections(&error)),
    })
}

/// What is known once the names are.
pub(super) fn published(names: Vec<PrivateName>) -> Exchange {
    let mut known = Exchange::new();
    known.names = names;
    known.hold(None, Fact::Names);
    known.hold(Some(Slot::main()), Fact::Served);
    known
}

/// The names of the wanted components through one connection, or those components that have none.
///
/// # Errors
/// When which connection is meant cannot be told.
pub(super) fn names(
    facts: &Facts,
    details: &ServiceDetails,
    connection: Option<&ConnectionId>,
    wanted: &[String],
) -> Result<Result<Vec<PrivateName>, Vec<String>>> {
    let found = details.over_privatelink(connection)?;
    let lacks =
        |component: &&String| !found.iter().any(|one| one.component == **component && one.usage == Usage::Primary);
    let missing: Vec<String> = wanted.iter().filter(lacks).cloned().collect();
    if !missing.is_empty() {
        return Ok(Err(missing));
    }
    let mut names: Vec<PrivateName> = Vec::new();
    for component in wanted {
        for one in found.iter().filter(|one| one.component == *component) {
            add(&mut names, facts, one);
        }
    }
    Ok(Ok(names))
}

/// One component: Kafka has a port for each way to authenticate, all at one host.
fn add(names: &mut Vec<PrivateName>, facts: &Facts, one: &Component) {
    let label = match &one.usage {
        Usage::Primary => one.component.clone(),
        usage => format!("{} ({usage})", one.component),
    };
    let port = PortRange::single(one.port);
    if let Some(known) = names.iter_mut().find(|known| known.host == one.host && known.component == label) {
        if !known.ports.contains(&port) {
            // Behind the brokers' range, which is the last.
            known.ports.insert(0, port);
        }
        return;
    }
    let mut ports = vec![port];
    if one.component == "kafka" {
        // Clients are sent on to the brokers.
        ports.push(*facts.broker_ports);
    }
    let mut name = PrivateName::new(one.host.clone(), ports, facts.protocol(&one.component));
    name.component = label.into();
    name.record = RecordShape::Vendor;
    names.push(name);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn details(components: serde_json::Value) -> ServiceDetails {
        let json = serde_json::json!({"service": {"service_name": "events", "service_type": "kafka",
            "cloud_name": "aws-eu-west-1", "state": "RUNNING", "user_config": {}, "components": components}});
        ServiceDetails::from_json(&json).unwrap()
    }

    fn at(component: &str, usage: &str, connection: &str, port: u16) -> serde_json::Value {
        serde_json::json!({"component": component, "host": "privatelink-1-events-acme.aivencloud.com", "port": port,
            "route": "privatelink", "usage": usage, "privatelink_connection_id": connection})
    }

    #[test]
    fn kafkas_ports_come_with_the_range_of_its_brokers_and_others_alone() {
        let details = details(serde_json::json!([
            at("kafka", "primary", "plc1", 9706),
            at("kafka", "primary", "plc1", 12_002),
            at("schema_registry", "primary", "plc1", 12_003),
            at("kafka", "primary", "plc2", 13_000),
        ]));
        let wanted = ["kafka".to_owned(), "schema_registry".to_owned()];
        let names = names(&Facts::default(), &details, Some(&"plc1".parse().unwrap()), &wanted).unwrap().unwrap();
        let told: Vec<String> = names.iter().map(|name| format!("{} {name}", name.component)).collect();
        assert_eq!(
            told,
            [
                "kafka privatelink-1-events-acme.aivencloud.com (tls 12002, 9706, 10000-31000)",
                "schema_registry privatelink-1-events-acme.aivencloud.com (https 12003)"
            ]
        );
        assert!(names.iter().all(|name| name.record == RecordShape::Vendor));
    }

    #[test]
    fn a_component_without_an_address_is_named_and_a_replica_is_no_primary() {
        let details =
            details(serde_json::json!([at("pg", "replica", "plc1", 1), at("pgbouncer", "primary", "plc1", 2)]));
        let found = |wanted: &[&str]| {
            let wanted: Vec<String> = wanted.iter().map(|&one| one.to_owned()).collect();
            names(&Facts::default(), &details, None, &wanted).unwrap()
        };
        assert_eq!(found(&["pg", "pgbouncer"]).unwrap_err(), ["pg"]);
        assert_eq!(found(&["pgbouncer"]).unwrap().len(), 1);
    }
}
