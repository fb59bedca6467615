use std::net::IpAddr;

use privlink_core::VpcEndpointId;

use super::super::{PathResult, Through, VpcSeed};
use super::support::{Lab, SERVICE};

const INTERFACE: &str = "10.0.0.4";

fn dial(lab: &Lab, to: &str, port: u16) -> PathResult {
    lab.state.connect(lab.now, &lab.subnets[1], to.parse().unwrap(), port)
}

#[track_caller]
fn times_out(result: PathResult, because: &str) {
    match result {
        PathResult::TimedOut(why) => assert!(why.contains(because), "{why}"),
        other => panic!("{other:?}"),
    }
}

/// A lab whose endpoint works and whose group lets the VPC in on 8443.
fn working() -> (Lab, VpcEndpointId) {
    let mut lab = Lab::new();
    let id = lab.endpoint();
    lab.later(30);
    lab.state.open_ports(&lab.group.clone(), 8443..=8443, "10.0.0.0/16".parse().unwrap()).unwrap();
    (lab, id)
}

#[test]
fn an_open_path_ends_at_the_service() {
    let (lab, id) = working();
    let expected = PathResult::Endpoint(Through { ids: vec![id.to_string()], service: SERVICE.parse().unwrap() });
    assert_eq!(dial(&lab, INTERFACE, 8443), expected);
}

#[test]
fn a_port_or_source_that_no_rule_admits_times_out() {
    let (mut lab, _) = working();
    times_out(dial(&lab, INTERFACE, 9440), "no inbound rule");
    let group = lab.group.clone();
    lab.state.close_group(&group, false).unwrap();
    lab.state.open_ports(&group, 8443..=8443, "10.0.0.0/24".parse().unwrap()).unwrap();
    times_out(dial(&lab, INTERFACE, 8443), "no inbound rule");
}

#[test]
fn a_rule_can_name_the_clients_group() {
    let (mut lab, id) = working();
    let group = lab.group.clone();
    lab.state.close_group(&group, false).unwrap();
    let clients = lab.state.add_group(&lab.vpc.clone(), "clients").unwrap();
    lab.state.add_machine(lab.now, &lab.subnets[1].clone(), vec![clients.clone()]).unwrap();
    times_out(dial(&lab, INTERFACE, 8443), "no inbound rule");
    let params = [
        ("GroupId", group.as_str()),
        ("IpPermissions.1.IpProtocol", "tcp"),
        ("IpPermissions.1.FromPort", "8443"),
        ("IpPermissions.1.ToPort", "8443"),
        ("IpPermissions.1.Groups.1.GroupId", clients.as_str()),
    ];
    lab.ec2("AuthorizeSecurityGroupIngress", &params).fine();
    assert!(matches!(dial(&lab, INTERFACE, 8443), PathResult::Endpoint(through) if through.id() == id.as_str()));
    // The client's own group counts too.
    lab.state.close_group(&clients, true).unwrap();
    times_out(dial(&lab, INTERFACE, 8443), "no outbound rule");
}

#[test]
fn the_vpcs_default_group_admits_only_its_own_members() {
    let mut lab = Lab::new();
    lab.create(&[("SecurityGroupId.1", "")]).fine();
    lab.later(30);
    times_out(dial(&lab, INTERFACE, 8443), "no inbound rule");
}

#[test]
fn an_endpoint_that_does_not_work_times_out() {
    let (mut lab, id) = working();
    lab.state.reject_endpoint(lab.now, &id).unwrap();
    times_out(dial(&lab, INTERFACE, 8443), "rejected");
    lab.state.delete_endpoint(lab.now, &id).unwrap();
    times_out(dial(&lab, INTERFACE, 8443), "deleting");
    lab.later(20);
    times_out(dial(&lab, INTERFACE, 8443), "no interface");
}

#[test]
fn a_change_does_not_interrupt_but_the_first_building_does() {
    let (mut lab, id) = working();
    lab.ec2("ModifyVpcEndpoint", &[("VpcEndpointId", id.as_str()), ("PrivateDnsEnabled", "true")]).fine();
    assert_eq!(lab.state_of(&id), "pending");
    assert!(matches!(dial(&lab, INTERFACE, 8443), PathResult::Endpoint(_)));
    let second = lab.endpoint();
    times_out(dial(&lab, "10.0.0.5", 8443), "pending");
    assert_ne!(second, id);
}

#[test]
fn addresses_elsewhere_are_told_apart() {
    let (mut lab, _) = working();
    times_out(dial(&lab, "10.0.77.1", 8443), "no interface");
    times_out(dial(&lab, "172.16.0.1", 8443), "no route");
    assert_eq!(dial(&lab, "203.0.113.9", 8443), PathResult::Public);
    let machine: IpAddr = lab.state.add_machine(lab.now, &lab.subnets[2].clone(), vec![lab.group.clone()]).unwrap();
    assert!(matches!(dial(&lab, &machine.to_string(), 8443), PathResult::Refused(_)));
}

#[test]
fn an_interface_of_another_vpc_cannot_be_reached() {
    let (mut lab, _) = working();
    let other = lab.state.add_vpc(VpcSeed {
        id: None,
        account: lab.account.clone(),
        region: "us-east-1".parse().unwrap(),
        cidr: "10.9.0.0/16".parse().unwrap(),
        dns_support: true,
        dns_hostnames: true,
    });
    let subnet = lab
        .state
        .add_subnet(super::super::SubnetSeed {
            id: None,
            vpc: other.clone(),
            cidr: "10.9.0.0/24".parse().unwrap(),
            cidr6: None,
            zone_name: "us-east-1a".to_owned(),
            zone: "use1-az6".parse().unwrap(),
        })
        .unwrap();
    let result = lab.state.connect(lab.now, &subnet, INTERFACE.parse().unwrap(), 8443);
    times_out(result, "no route");
    assert_eq!(lab.state.locate(&subnet), Some((other, "10.9.0.254".parse().unwrap())));
}
