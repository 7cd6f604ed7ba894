//! The connection settings of PostgreSQL: the URL, then the environment variables of `psql`, then the password file.
//!
//! The URL has libpq's format, `postgres://user:password@host:port/database?sslmode=verify-full`. A host that starts
//! with `/` is the folder of a socket.

use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;
use tokio_postgres::Config;
use url::Url;

use super::tls::{Tls, TlsMode};

const PORT: u16 = 5432;

/// The usual folders of the socket.
const SOCKETS: [&str; 3] = ["/var/run/postgresql", "/private/tmp", "/tmp"];

/// The maximum size of a password file in bytes.
const LONGEST: u64 = 1 << 20;

/// The connection settings of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Settings {
    host: String,
    port: u16,
    pub user: String,
    password: Option<String>,
    database: Option<String>,
    options: Option<String>,
    pub tls: Tls,
}

impl Settings {
    /// Parses a URL. `variable` returns environment variables for what the URL leaves out.
    ///
    /// # Errors
    /// A description of what is invalid.
    pub(super) fn read(
        url: &str,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, String> {
        let url = Url::parse(url).map_err(|error| error.to_string())?;
        let mut settings = Self::of_environment(variable);
        if let Some(host) = url.host_str().filter(|host| !host.is_empty()) {
            settings.host = decoded(host)?;
        }
        if let Some(port) = url.port() {
            settings.port = port;
        }
        if !url.username().is_empty() {
            settings.user = decoded(url.username())?;
        }
        if let Some(password) = url.password() {
            settings.password = Some(decoded(password)?);
        }
        let database = url.path().trim_start_matches('/');
        if !database.is_empty() {
            settings.database = Some(decoded(database)?);
        }
        for (name, value) in url.query_pairs() {
            settings.set(&name, value.into_owned())?;
        }
        if settings.password.is_none() {
            settings.password = settings.of_password_files(variable);
        }
        Ok(settings)
    }

    fn of_environment(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let port = variable("PGPORT").and_then(|port| port.parse().ok());
        let port = port.unwrap_or(PORT);
        let user = ["PGUSER", "USER", "LOGNAME"].into_iter().find_map(variable);
        let mode = variable("PGSSLMODE").and_then(|mode| TlsMode::parse(&mode));
        Self {
            host: variable("PGHOSTADDR")
                .or_else(|| variable("PGHOST"))
                .unwrap_or_else(|| usual_host(port)),
            port,
            user: user.unwrap_or_else(|| "unknown".to_owned()),
            password: variable("PGPASSWORD"),
            database: variable("PGDATABASE"),
            options: variable("PGOPTIONS"),
            tls: Tls {
                mode: mode.unwrap_or(TlsMode::Prefer),
                root: variable("PGSSLROOTCERT"),
                certificate: variable("PGSSLCERT"),
                key: variable("PGSSLKEY"),
            },
        }
    }

    /// Sets a parameter of the URL.
    fn set(&mut self, name: &str, value: String) -> Result<(), String> {
        match name {
            "sslmode" | "ssl-mode" => {
                self.tls.mode = TlsMode::parse(&value)
                    .ok_or_else(|| format!("unknown value {value:?} for `sslmode`"))?;
            }
            "sslrootcert" | "ssl-root-cert" | "ssl-ca" => self.tls.root = Some(value),
            "sslcert" | "ssl-cert" => self.tls.certificate = Some(value),
            "sslkey" | "ssl-key" => self.tls.key = Some(value),
            "host" => self.host = value,
            "hostaddr" => {
                let address: Result<IpAddr, _> = value.parse();
                address.map_err(|_| format!("{value:?} for `hostaddr` is no IP address"))?;
                self.host = value;
            }
            "port" => {
                self.port = value
                    .parse()
                    .map_err(|_| format!("{value:?} for `port` is no port"))?;
            }
            "dbname" => self.database = Some(value),
            "user" => self.user = value,
            "password" => self.password = Some(value),
            "options" => self.add_option(&value),
            name => {
                let option = name.strip_prefix("options[");
                if let Some(option) = option.and_then(|option| option.strip_suffix(']')) {
                    self.add_option(&format!("-c {option}={value}"));
                } else {
                    // Parameters of other programs, such as pools and caches.
                    tracing::warn!(name, "ignored a parameter of the connection's URL");
                }
            }
        }
        Ok(())
    }

    fn add_option(&mut self, option: &str) {
        let options = self.options.get_or_insert_default();
        if !options.is_empty() {
            options.push(' ');
        }
        options.push_str(option);
    }

    /// The settings for the client.
    pub(super) fn config(&self) -> Config {
        let mut config = Config::new();
        config
            .host(&self.host)
            .port(self.port)
            .user(&self.user)
            .dbname(self.database())
            .application_name("s3warden")
            .ssl_mode(self.tls.mode.of_client());
        if let Some(password) = &self.password {
            config.password(password);
        }
        if let Some(options) = &self.options {
            config.options(options);
        }
        config
    }

    /// A description of the database, without the password.
    pub(super) fn stated(&self) -> String {
        let (database, host, port) = (self.database(), &self.host, self.port);
        if self.is_socket() {
            format!("the PostgreSQL database {database} at {host}")
        } else {
            format!("the PostgreSQL database {database} at {host}:{port}")
        }
    }

    fn database(&self) -> &str {
        self.database.as_deref().unwrap_or(&self.user)
    }

    fn is_socket(&self) -> bool {
        self.host.starts_with('/')
    }

    /// The password from `PGPASSFILE`, or else from `~/.pgpass`.
    fn of_password_files(&self, variable: &dyn Fn(&str) -> Option<String>) -> Option<String> {
        let named = variable("PGPASSFILE").map(PathBuf::from);
        let usual = variable("HOME").map(|home| Path::new(&home).join(".pgpass"));
        [named, usual]
            .into_iter()
            .flatten()
            .find_map(|path| self.of_password_file(&path))
    }

    fn of_password_file(&self, path: &Path) -> Option<String> {
        let file = File::open(path).ok()?;
        let mode = file.metadata().ok()?.permissions().mode();
        if mode & 0o077 != 0 {
            let path = path.display();
            tracing::warn!(%path, "ignored a password file that others may read (chmod 600)");
            return None;
        }
        let lines = BufReader::new(file.take(LONGEST)).lines();
        lines
            .map_while(Result::ok)
            .find_map(|line| self.password_in(&line))
    }

    /// The password in a line `host:port:database:user:password`, if the line matches this connection. `*` matches
    /// anything, and `\` escapes the next character.
    fn password_in(&self, line: &str) -> Option<String> {
        if line.starts_with('#') {
            return None;
        }
        let mut fields: Vec<String> = vec![String::new()];
        let mut letters = line.chars();
        while let Some(letter) = letters.next() {
            let letter = match letter {
                // The rest is the password, including colons.
                ':' if fields.len() < 5 => {
                    fields.push(String::new());
                    continue;
                }
                '\\' => letters.next()?,
                letter => letter,
            };
            fields.last_mut()?.push(letter);
        }
        let [host, port, database, user, password] = fields.as_slice() else {
            return None;
        };
        let (own_port, own_host) = (self.port.to_string(), self.host.as_str());
        let is = |field: &String, value: &str| field == "*" || field == value;
        let is_host = is(host, own_host) || (host == "localhost" && self.is_socket());
        let is_ours =
            is_host && is(port, &own_port) && is(database, self.database()) && is(user, &self.user);
        is_ours.then(|| password.clone())
    }
}

/// The folder of the socket, if one exists.
fn usual_host(port: u16) -> String {
    let has_socket = |folder: &&str| Path::new(folder).join(format!(".s.PGSQL.{port}")).exists();
    let socket = SOCKETS.into_iter().find(has_socket);
    socket.unwrap_or("localhost").to_owned()
}

fn decoded(text: &str) -> Result<String, String> {
    let text = percent_decode_str(text).decode_utf8();
    text.map(std::borrow::Cow::into_owned)
        .map_err(|_| "it holds what is not UTF-8".to_owned())
}

/// Reads an environment variable. A value that is not UTF-8 is ignored.
pub(super) fn of_system(name: &str) -> Option<String> {
    let value: Option<OsString> = std::env::var_os(name);
    value.and_then(|value| value.into_string().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str, environment: &[(&str, &str)]) -> Result<Settings, String> {
        let variable = |name: &str| {
            let mut all = environment.iter();
            let found = all.find(|(own, _)| *own == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Settings::read(url, &variable)
    }

    fn settings() -> Settings {
        Settings {
            host: "localhost".to_owned(),
            port: 5432,
            user: "ada".to_owned(),
            password: None,
            database: None,
            options: None,
            tls: Tls {
                mode: TlsMode::Prefer,
                root: None,
                certificate: None,
                key: None,
            },
        }
    }

    #[test]
    fn a_url_says_more_than_the_environment() {
        let environment = [
            ("USER", "ada"),
            ("PGHOST", "localhost"),
            ("PGPORT", "6000"),
            ("PGPASSWORD", "of the environment"),
            ("PGDATABASE", "theirs"),
            ("PGSSLMODE", "require"),
            ("PGSSLROOTCERT", "/ca.pem"),
            ("PGOPTIONS", "-c a=1"),
        ];
        let some = |text: &str| Some(text.to_owned());
        let of_environment = read("postgres://", &environment).unwrap();
        let expected = Settings {
            port: 6000,
            password: some("of the environment"),
            database: some("theirs"),
            options: some("-c a=1"),
            tls: Tls {
                mode: TlsMode::Require,
                root: some("/ca.pem"),
                ..settings().tls
            },
            ..settings()
        };
        assert_eq!(of_environment, expected);
        let url = "postgresql://b%40b:p%2Fw%3A@db.example:7000/our%20db?sslmode=verify-full&sslrootcert=/other.pem&sslcert=c.pem&sslkey=k.pem&options=-c%20b%3D2&options[c]=3&pool=9";
        let of_url = read(url, &environment).unwrap();
        let expected = Settings {
            host: "db.example".to_owned(),
            port: 7000,
            user: "b@b".to_owned(),
            password: some("p/w:"),
            database: some("our db"),
            options: some("-c a=1 -c b=2 -c c=3"),
            tls: Tls {
                mode: TlsMode::VerifyFull,
                root: some("/other.pem"),
                certificate: some("c.pem"),
                key: some("k.pem"),
            },
        };
        assert_eq!(of_url, expected);
    }

    #[test]
    fn a_place_is_a_host_an_address_or_the_folder_of_a_socket() {
        for (url, stated) in [
            ("postgres://h/d", "the PostgreSQL database d at h:5432"),
            (
                "postgres://[::1]:7/d",
                "the PostgreSQL database d at [::1]:7",
            ),
            (
                "postgres://%2Fvar%2Frun/d",
                "the PostgreSQL database d at /var/run",
            ),
            (
                "postgres:///d?host=/var/run",
                "the PostgreSQL database d at /var/run",
            ),
            (
                "postgres:///?host=h&port=7&dbname=d&user=u&password=p",
                "the PostgreSQL database d at h:7",
            ),
            (
                "postgres:///d?hostaddr=127.0.0.1",
                "the PostgreSQL database d at 127.0.0.1:5432",
            ),
            ("postgres://u:p@h", "the PostgreSQL database u at h:5432"),
        ] {
            let settings = read(url, &[("USER", "ada"), ("PGHOST", "elsewhere")]).unwrap();
            assert_eq!(settings.stated(), stated, "{url}");
        }
        for (url, why) in [
            ("postgres://h:port/d", "port"),
            (
                "postgres://h/d?sslmode=perhaps",
                "\"perhaps\" for `sslmode`",
            ),
            ("postgres://h/d?port=many", "no port"),
            ("postgres://h/d?hostaddr=h", "no IP address"),
            ("postgres://h/%FF", "UTF-8"),
        ] {
            let said = read(url, &[]).unwrap_err();
            assert!(said.contains(why), "{url}: {said}");
        }
    }

    #[test]
    fn a_line_of_the_password_file_is_about_one_connection_or_about_many() {
        let socket = || Settings {
            host: "/var/run/postgresql".to_owned(),
            ..settings()
        };
        let cases: [(&str, Settings, Option<&str>); 10] = [
            ("localhost:5432:ada:ada:p", settings(), Some("p")),
            ("*:*:*:*:p:w\\:\\\\", settings(), Some("p:w:\\")),
            ("*:*:*:ada:", settings(), Some("")),
            ("# *:*:*:*:p", settings(), None),
            ("elsewhere:5432:ada:ada:p", settings(), None),
            ("localhost:5433:ada:ada:p", settings(), None),
            ("localhost:5432:other:ada:p", settings(), None),
            ("localhost:5432:ada:bob:p", settings(), None),
            ("localhost:*:*:ada:p", socket(), Some("p")),
            ("localhost:5432:ada", settings(), None),
        ];
        for (line, settings, expected) in cases {
            assert_eq!(settings.password_in(line).as_deref(), expected, "{line}");
        }
    }

    #[test]
    fn a_password_file_counts_where_nothing_else_says_one_and_nobody_else_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let (home, named) = (folder.path().join(".pgpass"), folder.path().join("named"));
        std::fs::write(&home, "*:*:*:*:of home\n").unwrap();
        std::fs::write(&named, "*:*:*:nobody:no\n\n*:*:*:ada:of the named\n").unwrap();
        let close = |path: &Path, mode| {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        close(&home, 0o600);
        close(&named, 0o600);
        let (folder, file) = (folder.path().to_str().unwrap(), named.to_str().unwrap());
        let environment = [("USER", "ada"), ("HOME", folder), ("PGPASSFILE", file)];
        let password = |url: &str| read(url, &environment).unwrap().password;
        assert_eq!(password("postgres://h/d").as_deref(), Some("of the named"));
        assert_eq!(password("postgres://bob@h/d").as_deref(), Some("of home"));
        assert_eq!(password("postgres://bob:own@h/d").as_deref(), Some("own"));
        close(&named, 0o640);
        close(&home, 0o604);
        assert_eq!(password("postgres://h/d"), None);
    }
}
