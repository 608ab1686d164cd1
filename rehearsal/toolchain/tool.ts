/** sha256 in hexadecimal of the file at a release's URL, by `"<tool>@<version>/<os>-<architecture>"`. */
export type Checksums = Readonly<Record<string, string>>;

/** What a source gets to make one tool. */
export interface Work {
  name: string;
  version: string;
  checksums: Checksums;
  /** Empty folder that becomes the cached one; an executable is named like its tool. */
  output: string;
  /** Empty folder that is removed afterwards. */
  scratch: string;
  /** Runs a command in the scratch folder, its output in the tool's log, and gives its standard output. */
  run(file: string, parameters: readonly string[], environment?: Readonly<Record<string, string>>): Promise<string>;
  /** Does one thing at a time over all tools: compilers use every core by themselves. */
  inTurn<Result>(task: () => Promise<Result>): Promise<Result>;
}

export interface Source {
  from: "release" | "registry";
  /** Completes "it is …" in progress and errors. */
  how: string;
  /** What the result depends on besides the version; another recipe is cached beside the old one. */
  recipe: unknown;
  /** Size of caches that the source fills outside ours, once for all tools. */
  cachesMegabytes?: number;
  /** Says why the source can't be used on this machine, if so, without touching the network. */
  obstacle(work: Pick<Work, "name" | "version" | "checksums">): string | undefined;
  make(work: Work): Promise<void>;
}

export interface Tool {
  version: string;
  /** Tried in this order, after PATH and the cache. */
  sources: readonly Source[];
  /** A folder of files rather than one executable. */
  files?: true;
  /** Arguments that print the version. A tool with these is taken from PATH first, and asked again after it was made. */
  askVersion?: readonly string[];
  /** Kubernetes components must not be newer than their API server: only the pinned minor version is usable. */
  sameMinor?: true;
  /** Size in the cache. */
  diskMegabytes: number;
  /** Resident memory of one running instance, where it keeps running. */
  memoryMegabytes?: number;
}
