import { version } from "#product/version.ts";

/** Where prepare.ts makes the repository that the machines get as a disk. */
export const repository = "dist/system/repository";
/** Where the machines have it. */
export const repositoryUrl = "file:/mnt/";
/** The version before this one: the same program, but another package for apt. */
export const earlierVersion = `${version}~earlier`;
