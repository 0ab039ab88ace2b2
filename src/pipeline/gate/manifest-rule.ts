import type { ManifestFact, ReadFacts } from './manifest-facts.ts'

/** A fact that steers when a change adds it. */
export interface ManifestRule {
  /** Of the whole key. */
  readonly key: RegExp
  readonly value?: RegExp | undefined
  /** The fact only steers when the base has this key with another value. */
  readonly onlyChanged?: boolean | undefined
  /** For a reviewer: `runs at install`; the last part of the key follows, or the value where the key says nothing. */
  readonly what: string
  /** True for a new fact that is said, and makes no draft. */
  readonly isPlain?: ((fact: ManifestFact, base: ManifestBase) => boolean) | undefined
}

/** What the manifest said before; nothing of a new one. */
export interface ManifestBase {
  readonly keys: ReadonlySet<string>
  readonly values: ReadonlySet<string>
}

export interface ManifestKind {
  /** Of the file's name in lower case. */
  readonly names: RegExp
  readonly read: ReadFacts
  readonly rules: readonly ManifestRule[]
  /** Machines write it, and it is read line by line. */
  readonly isLock?: boolean | undefined
}

/** In most manifests and lock files: an address that was not named before. */
export const NEW_SOURCE: ManifestRule = { key: /^(?:source|host)$/, what: 'installs from a new place' }
