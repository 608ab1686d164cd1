/** What a database's clients speak. */
export enum Dialect {
  MySql = "mysql",
  PostgreSql = "postgresql",
}

export const dialectPort: Record<Dialect, number> = { [Dialect.MySql]: 3306, [Dialect.PostgreSql]: 5432 };

/** A name as a statement has it, whatever characters it has. */
export function quoted(dialect: Dialect, name: string): string {
  const mark = dialect === Dialect.MySql ? "`" : '"';
  return mark + name.replaceAll(mark, mark + mark) + mark;
}
