//! What the vocabulary costs: reading ids, deriving names, finding collisions, comparing lists.
//!
//! ```sh
//! cargo bench --bench vocabulary
//! ```
#![expect(missing_docs, reason = "criterion's macros make public functions without any")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use privlink::core::side::RecordShape;
use privlink::core::{
    AzureResourceId, DnsName, EndpointServiceId, Patch, PrivateDnsHostname, PrivateEndpointId, PscConnectionId,
    VpcEndpointId,
};
use privlink::dns::{HostPattern, RecordPlan, collide};

fn ids(c: &mut Criterion) {
    const ARM: &str = "/subscriptions/0b5a6c1e-7a2d-4c3f-9e8b-1d2c3b4a5f60/resourceGroups/app\
                       /providers/Microsoft.Network/privateEndpoints/orders";
    let mut group = c.benchmark_group("parse");
    group.bench_function("vpc endpoint", |b| {
        b.iter(|| black_box("vpce-0a1b2c3d4e5f67890").parse::<VpcEndpointId>());
    });
    group.bench_function("refused vpc endpoint", |b| {
        b.iter(|| black_box("vpce-svc-0a1b2c3d4e5f67890").parse::<VpcEndpointId>());
    });
    group.bench_function("endpoint service", |b| {
        b.iter(|| black_box("com.amazonaws.vpce.us-east-1.vpce-svc-0a1b2c3d4e5f67890").parse::<EndpointServiceId>());
    });
    group.bench_function("any endpoint, azure", |b| b.iter(|| black_box(ARM).parse::<PrivateEndpointId>()));
    group.bench_function("azure resource", |b| b.iter(|| black_box(ARM).parse::<AzureResourceId>()));
    group.bench_function("psc connection", |b| b.iter(|| black_box("102600141743718403").parse::<PscConnectionId>()));
    group.bench_function("host", |b| {
        b.iter(|| black_box("abc123defg.us-east-1.vpce.aws.clickhouse.cloud").parse::<PrivateDnsHostname>());
    });
    group.finish();
}

fn names(c: &mut Criterion) {
    let pattern =
        HostPattern::inserting("vpce", "{service}.{region}", "aws.clickhouse.cloud").expect("the pattern is sound");
    let public: DnsName = "abc123defg.us-east-1.aws.clickhouse.cloud".parse().expect("a host");
    c.bench_function("derive/private host", |b| b.iter(|| pattern.private_host(black_box(&public))));

    let mut group = c.benchmark_group("collide");
    for services in [1_000, 10_000] {
        let plans: Vec<RecordPlan> = (0..services)
            .map(|n| {
                let host: PrivateDnsHostname =
                    format!("s{n}.us-east-1.vpce.aws.clickhouse.cloud").parse().expect("a host");
                let shape = if n % 2 == 0 { RecordShape::Apex } else { RecordShape::Exact };
                RecordPlan::of(&host, shape, "vpce-0a1b2c3d4e5f67890").expect("a record")
            })
            .collect();
        let names: Vec<DnsName> = plans.iter().map(|plan| plan.host.clone()).collect();
        group.throughput(Throughput::Elements(services));
        group.bench_with_input(BenchmarkId::from_parameter(services), &services, |b, _| {
            b.iter(|| collide(black_box(&plans), &[], black_box(&names)));
        });
    }
    group.finish();
}

fn patches(c: &mut Criterion) {
    let mut group = c.benchmark_group("patch/between");
    for entries in [100_u64, 10_000] {
        let id = |n: u64| format!("vpce-{n:017x}").parse::<VpcEndpointId>().expect("an id");
        let current: Vec<VpcEndpointId> = (0..entries).map(id).collect();
        let desired: Vec<VpcEndpointId> = (entries / 10..entries + entries / 10).map(id).collect();
        group.throughput(Throughput::Elements(entries));
        group.bench_with_input(BenchmarkId::from_parameter(entries), &entries, |b, _| {
            b.iter(|| Patch::between(black_box(&current), black_box(&desired)));
        });
    }
    group.finish();
}

criterion_group!(benches, ids, names, patches);
criterion_main!(benches);
