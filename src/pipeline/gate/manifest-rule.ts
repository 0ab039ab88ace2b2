import type { ManifestFact, ReadFacts } from './manifest-facts.ts'

/** A rule for manifests: a change that adds a matching fact steers installs, builds or CI. */
export interface ManifestRule {
  /** Matches the key of the fact. */
  readonly key: RegExp
  readonly value?: RegExp | undefined
  /** True when the fact only counts if the base has the same key with another value. */
  readonly onlyChanged?: boolean | undefined
  /** Words for a reviewer, such as `runs at install`; the last part of the key follows, or else the value. */
  readonly what: string
  /** Returns true for a new fact that the pull request mentions without becoming a draft. */
  readonly isPlain?: ((fact: ManifestFact, base: ManifestBase) => boolean) | undefined
}

/** The keys and values of the manifest in the base commit; empty for a new manifest. */
export interface ManifestBase {
  readonly keys: ReadonlySet<string>
  readonly values: ReadonlySet<string>
}

export interface ManifestKind {
  /** Matches the file's name in lower case. */
  readonly names: RegExp
  readonly read: ReadFacts
  readonly rules: readonly ManifestRule[]
  /** True for lock files, which machines write and which are read line by line. */
  readonly isLock?: boolean | undefined
}

/** An address that is new in the file. It applies to most manifests and lock files. */
export const NEW_SOURCE: ManifestRule = { key: /^(?:source|host)$/, what: 'installs from a new place' }
