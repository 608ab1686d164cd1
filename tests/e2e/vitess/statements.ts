// Statements of a table that tenants share, which `{table}` stands for.

/** Find the ids `acme-1` and `acme-2`, which are all that the tenant acme has. */
export const ordinaryReads = [
  "SELECT id FROM {table} WHERE tenant_id = 'acme'",
  "SELECT id FROM {table} WHERE total > 0 AND tenant_id = 'acme'",
  "SELECT id FROM {table} WHERE tenant_id = 'acme' AND (total = 1 OR total = 2)",
  "SELECT id FROM {table} WHERE tenant_id = 'acme' AND id LIKE 'acme%' ORDER BY id LIMIT 10",
  "SELECT id FROM {table} WHERE tenant_id = 'acme' FOR UPDATE",
  "SELECT a.id FROM {table} a JOIN {table} b ON a.tenant_id = b.tenant_id AND a.id = b.id WHERE a.tenant_id = 'acme'",
  "SELECT a.id FROM {table} a WHERE a.tenant_id = 'acme' AND EXISTS " +
    "(SELECT 1 FROM {table} b WHERE b.tenant_id = a.tenant_id AND b.id = a.id)",
];

/** Ask for rows of more tenants than one, or say of none whose they are. */
export const readsOverTenants = [
  "SELECT * FROM {table}",
  "SELECT COUNT(*) FROM {table}",
  "SELECT * FROM {table} WHERE id = 'globex-1'",
  "SELECT * FROM {table} WHERE tenant_id IN ('acme', 'globex')",
  "SELECT * FROM {table} WHERE tenant_id = 'acme' OR tenant_id = 'globex'",
  "SELECT * FROM {table} WHERE tenant_id = 'acme' OR 1 = 1",
  "SELECT * FROM {table} WHERE tenant_id = 'acme' || 1 = 1",
  "SELECT * FROM {table} WHERE tenant_id <> 'acme'",
  "SELECT * FROM {table} WHERE NOT (tenant_id = 'acme')",
  "SELECT * FROM {table} WHERE tenant_id LIKE '%'",
  "SELECT * FROM {table} WHERE tenant_id >= 'acme'",
  "SELECT a.id, b.id FROM {table} a, {table} b WHERE a.tenant_id = 'acme'",
  "SELECT * FROM {table} WHERE tenant_id = 'acme' UNION ALL SELECT * FROM {table}",
  "SELECT * FROM {table} WHERE tenant_id = 'acme' UNION ALL SELECT * FROM {table} WHERE tenant_id = 'globex'",
  "SELECT /*vt+ ALLOW_SCATTER */ * FROM {table}",
  "SELECT /*vt+ ALLOW_SCATTER */ * FROM {table} WHERE tenant_id = 'acme' OR 1 = 1",
  "SELECT /*vt+ ALLOW_SCATTER */ a.id FROM {table} a JOIN {table} b ON a.tenant_id = b.tenant_id " +
    "WHERE a.tenant_id = 'acme' OR 1 = 1",
  "EXPLAIN SELECT * FROM {table}",
];

/** Would change them. */
export const writesOverTenants = [
  "UPDATE {table} SET total = 0",
  "UPDATE {table} SET total = 0 WHERE id = 'globex-1'",
  "UPDATE {table} SET total = 0 WHERE tenant_id = 'acme' OR 1 = 1",
  "UPDATE {table} SET total = 0 WHERE tenant_id IN ('acme', 'globex')",
  "UPDATE {table} a JOIN {table} b ON a.tenant_id = b.tenant_id SET a.total = 0 WHERE a.tenant_id = 'acme' OR 1 = 1",
  "UPDATE {table} SET tenant_id = 'globex' WHERE tenant_id = 'acme'",
  "DELETE FROM {table}",
  "DELETE FROM {table} WHERE total > 0",
  "DELETE FROM {table} WHERE NOT (tenant_id = 'acme' AND total = 1)",
  "DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE tenant_id = 'acme')",
  "INSERT INTO {table} (tenant_id, id, total) SELECT tenant_id, CONCAT(id, '-copy'), total FROM {table}",
];
