const write =
  "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, SHOW DATABASES, " +
  "CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, REPLICATION CLIENT, CREATE VIEW, SHOW VIEW, TRIGGER";

/** Accounts that Vitess' own processes log in with, each from its own pod but for replication. */
const accounts: { name: string; host: "localhost" | "%"; grants: string[] }[] = [
  { name: "vt_dba", host: "localhost", grants: ["ALL ON *.*", "GRANT OPTION ON *.*"] },
  { name: "vt_app", host: "localhost", grants: [`${write} ON *.*`] },
  { name: "vt_appdebug", host: "localhost", grants: ["SELECT, SHOW DATABASES, PROCESS ON *.*"] },
  { name: "vt_allprivs", host: "localhost", grants: [`${write}, REPLICATION SLAVE ON *.*`] },
  { name: "vt_repl", host: "%", grants: ["REPLICATION SLAVE ON *.*"] },
  { name: "vt_filtered", host: "localhost", grants: [`${write}, REPLICATION SLAVE ON *.*`] },
  {
    name: "vt_monitoring",
    host: "localhost",
    grants: [
      "SELECT, PROCESS, SUPER, REPLICATION CLIENT, RELOAD ON *.*",
      "SELECT, UPDATE, DELETE, DROP ON performance_schema.*",
    ],
  },
];

/**
 * What a tablet's empty MySQL is given first: the accounts above and no others. None has a password: those of `localhost` are
 * reached by the pod's own socket, and the pods' network lets replication in from the namespace alone.
 */
export const initDatabaseScript: string = [
  "SET @original_super_read_only = IF(@@global.super_read_only = 1, 'ON', 'OFF')",
  "SET GLOBAL super_read_only = 'OFF'",
  // What each tablet does for itself must not replicate.
  "SET sql_log_bin = 0",
  "DROP USER IF EXISTS ''@'%', ''@'localhost', 'root'@'%'",
  "DROP DATABASE IF EXISTS test",
  ...accounts.flatMap(({ name, host, grants }) => [
    `CREATE USER '${name}'@'${host}'`,
    ...grants.map((grant) => `GRANT ${grant} TO '${name}'@'${host}'`),
  ]),
  "SET GLOBAL super_read_only = IFNULL(@original_super_read_only, 'ON')",
]
  .map((statement) => `${statement};\n`)
  .join("");
