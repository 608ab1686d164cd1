import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Dialect } from "../dialect";

/** How a job of the database's namespace is its administrator. */
export interface DatabaseAdministration {
  dialect: Dialect;
  /** Name of the database's namespace. */
  namespace: pulumi.Input<string>;
  /** TCP port of the writer. */
  port: number;
  /** With the client of the dialect. */
  image: pulumi.Input<string>;
  /** Body of a shell function that runs the SQL of file `$1` in database `$2`, and prints what it finds. */
  run: string;
  env: types.input.core.v1.EnvVar[];
  volumes: types.input.core.v1.Volume[];
  volumeMounts: types.input.core.v1.VolumeMount[];
}
