//! Two namespaces with a cable between them, and what runs and filters in them.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The database's host.
pub(crate) const HOST: &str = "orders.us-east-1.vpce.aws.clickhouse.cloud";
/// The endpoint's addresses, of two zones.
pub(crate) const OWN: [Ipv4Addr; 2] = [Ipv4Addr::new(10, 77, 2, 5), Ipv4Addr::new(10, 77, 3, 5)];
/// The endpoint's ports: HTTPS and the native protocol.
pub(crate) const PORTS: [u16; 2] = [8443, 9440];
/// The network's resolver.
pub(crate) const RESOLVER: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(10, 77, 2, 53), 53);
/// All of the network.
pub(crate) const NETWORK: &str = "10.77.0.0/16";

/// A client's and a database's namespace. They and all that runs in them go when it is dropped.
pub(crate) struct Lab {
    client: String,
    database: String,
    directory: PathBuf,
    running: Vec<Child>,
}

impl Lab {
    pub(crate) fn new(prefix: &str) -> Self {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{prefix}-lab"));
        fs::create_dir_all(&directory).unwrap();
        let (client, database) = (format!("{prefix}-client"), format!("{prefix}-database"));
        let lab = Self { client, database, directory, running: Vec::new() };
        for namespace in [&lab.client, &lab.database] {
            does("ip", &["netns", "add", namespace]);
            lab.within(namespace, &["ip", "link", "set", "lo", "up"]);
        }
        let cable = ["link", "add", "c0", "netns", &lab.client, "type", "veth", "peer", "name", "s0", "netns"];
        does("ip", &[&cable[..], &[&*lab.database]].concat());
        let own = OWN.map(|address| format!("{address}/16"));
        let resolver = format!("{}/16", RESOLVER.ip());
        for (namespace, end, addresses) in
            [(&lab.client, "c0", &["10.77.1.10/16"][..]), (&lab.database, "s0", &[&own[0], &own[1], &resolver])]
        {
            for address in addresses {
                lab.within(namespace, &["ip", "address", "add", address, "dev", end]);
            }
            lab.within(namespace, &["ip", "link", "set", end, "up"]);
        }
        lab
    }

    /// Ends what runs and lets every packet through again.
    pub(crate) fn clear(&mut self) {
        for mut child in self.running.drain(..) {
            // One that ended by itself cannot be killed.
            let _ = child.kill();
            child.wait().unwrap();
        }
        for namespace in [&self.client, &self.database] {
            self.within(namespace, &["nft", "flush", "ruleset"]);
        }
    }

    /// Drops what `rule` matches, on its way out of the client or into the database.
    pub(crate) fn drop_packets(&self, outbound: bool, rule: &str) {
        let (namespace, hook) = if outbound { (&self.client, "output") } else { (&self.database, "input") };
        let rules = format!(
            "table inet lab {{\n chain stage {{\n type filter hook {hook} priority 0;\n {rule} drop;\n }}\n}}\n"
        );
        let mut nft = self.command(namespace, &["nft", "-f", "-"]).stdin(Stdio::piped()).spawn().unwrap();
        nft.stdin.take().unwrap().write_all(rules.as_bytes()).unwrap();
        assert!(nft.wait().unwrap().success(), "{rules}");
    }

    /// Starts the network's resolver, which knows these zones by their records, and refuses to
    /// answer for those without.
    pub(crate) fn resolve(&mut self, zones: &[(&str, Option<&str>)]) {
        let at = self.directory.display();
        let mut conf = format!(
            "server:\n directory: \"{at}\"\n interface: {}\n access-control: {NETWORK} allow\n do-daemonize: no\n \
             username: \"\"\n chroot: \"\"\n pidfile: \"\"\n use-syslog: no\n verbosity: 0\n do-ip6: no\n \
             module-config: \"iterator\"\n qname-minimisation: no\n\
             remote-control:\n control-enable: yes\n control-use-cert: no\n control-interface: \"{at}/control\"\n",
            RESOLVER.ip(),
        );
        for (zone, records) in zones {
            match records {
                Some(records) => {
                    self.write_zone(zone, records);
                    conf += &format!(
                        "auth-zone:\n name: \"{zone}\"\n zonefile: \"{zone}.zone\"\n for-downstream: no\n \
                         for-upstream: yes\n fallback-enabled: no\n"
                    );
                }
                None => conf += &format!("server:\n local-zone: \"{zone}.\" refuse\n"),
            }
        }
        fs::write(self.conf(), conf).unwrap();
        let unbound = self.command(&self.database, &["unbound", "-d", "-c", &self.conf()]).spawn().unwrap();
        self.running.push(unbound);
        for _ in 0..100 {
            let asked = self.command(&self.database, &["unbound-control", "-c", &self.conf(), "status"]);
            if quietly(asked) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("the name server did not start");
    }

    /// Writes a zone anew and lets the resolver read it; what it has cached stays.
    pub(crate) fn rewrite_zone(&self, zone: &str, records: &str) {
        self.write_zone(zone, records);
        self.within(&self.database, &["unbound-control", "-c", &self.conf(), "auth_zone_reload", zone]);
    }

    /// Starts the database behind the endpoint's addresses.
    pub(crate) fn serve(&mut self, kind: &str) {
        let itself = std::env::current_exe().unwrap();
        let command = [&*itself.to_string_lossy(), "--endpoint", kind, &self.authority()];
        let mut child = self.command(&self.database, &command).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        self.running.push(child);
        assert_eq!(line, "ready\n", "the endpoint did not start");
    }

    /// Proves from the client, and gives the findings' codes and all that was said.
    pub(crate) fn prove(&self, without_server_name: bool) -> (String, String) {
        let itself = std::env::current_exe().unwrap();
        let (program, authority) = (itself.to_string_lossy().into_owned(), self.authority());
        let mut command = vec![&*program, "--prove", &*authority];
        if without_server_name {
            command.push("without-server-name");
        }
        let output = self.command(&self.client, &command).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        assert!(output.status.success(), "{}", text(&output.stderr));
        (text(&output.stdout), text(&output.stderr))
    }

    fn authority(&self) -> String {
        self.directory.join("ca.pem").display().to_string()
    }

    fn conf(&self) -> String {
        self.directory.join("unbound.conf").display().to_string()
    }

    fn zone_file(&self, zone: &str) -> PathBuf {
        self.directory.join(format!("{zone}.zone"))
    }

    fn write_zone(&self, zone: &str, records: &str) {
        let head = format!(
            "$ORIGIN {zone}.\n@ 60 IN SOA ns.{zone}. admin.{zone}. 1 3600 600 86400 60\n@ 60 IN NS ns.{zone}.\n"
        );
        fs::write(self.zone_file(zone), head + records + "\n").unwrap();
    }

    fn within(&self, namespace: &str, command: &[&str]) {
        let done = self.command(namespace, command).output().unwrap();
        assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
    }

    fn command(&self, namespace: &str, command: &[&str]) -> Command {
        let mut ip = Command::new("ip");
        ip.args(["netns", "exec", namespace]).args(command);
        ip
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        for child in &mut self.running {
            let _ = child.kill();
            let _ = child.wait();
        }
        for namespace in [&self.client, &self.database] {
            let _ = Command::new("ip").args(["netns", "delete", namespace]).status();
        }
        let _ = fs::remove_dir_all(&self.directory);
    }
}

fn does(program: &str, arguments: &[&str]) {
    assert!(Command::new(program).args(arguments).status().unwrap().success(), "{program} {arguments:?}");
}

fn quietly(mut command: Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}
