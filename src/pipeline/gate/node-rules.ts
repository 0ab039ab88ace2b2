import type { ManifestFact } from './manifest-facts.ts'
import { type ManifestRule, NEW_SOURCE } from './manifest-rule.ts'
import { commandReaches } from './program-reach.ts'
import { isBuiltAtInstall, isUsualPrepare } from './well-known-scripts.ts'

/** Rules for the lock files of npm, pnpm and Yarn. */
export const LOCK_RULES: readonly ManifestRule[] = [
  NEW_SOURCE,
  { key: /^runsScripts\//, what: 'runs at install', isPlain: ({ key }) => isBuiltAtInstall(nameIn(key)) },
  {
    key: /^otherName\//,
    what: 'installs another package under this name',
    // `name-cjs` is usually an older `name` that still works with `require`.
    isPlain: ({ key, value }) => nameIn(key) === `${value}-cjs`,
  },
  { key: /^checksum\//, onlyChanged: true, what: 'expects other bytes at the same address' },
]

/** Matches dependencies with a protocol, an owner or an address. Plain version ranges come from the registry. */
export const NOT_A_RANGE =
  /:\/\/|^(?:git|github|gitlab|bitbucket|gist|https?|exec|ssh|npm|jsr):|^git@|^[\w.-]+\/[\w.-]+(?:#.*)?$|^(?:file|link|portal):(?:[/~]|.*\.t(?:ar\.)?gz$)/i
export const DEPENDENCY = 'installs from outside the registry, or under another name'
export const PACKAGE_JSON_RULES: readonly ManifestRule[] = [
  { key: /^lifecycle\/install\//, what: 'runs at install', isPlain: ({ value }) => isUsualPrepare(value) },
  // A person publishes after the merge, so a script that only calls tools of the project can be reviewed in the diff.
  {
    key: /^lifecycle\/publish\//,
    what: 'runs at publishing',
    isPlain: ({ value }, { keys }) => keys.size > 0 && !commandReaches(value),
  },
  { key: /^gypfile$/, value: /true/, what: 'runs at install' },
  {
    key: /^(?:dev|peer|optional)?dependencies\/[^/]+$/i,
    value: NOT_A_RANGE,
    what: DEPENDENCY,
    isPlain: ({ key, value }) => value === `npm:${nameIn(key)}`,
  },
  {
    key: /^(?:overrides|resolutions|pnpm\/overrides|workspaces\/catalogs?)\//,
    value: new RegExp(`${NOT_A_RANGE.source}|^(?:file|link|portal|patch):`, 'i'),
    what: DEPENDENCY,
    // The patch is already used for another package.
    isPlain: ({ value }, { values }) => value.startsWith('patch:') && values.has(value),
  },
  {
    key: /^(?:allowScripts|trustedDependencies|lavamoat|dependenciesMeta\/[^/]+\/built|pnpm\/(?!overrides\/|patchedDependencies\/|peerDependencyRules\/|auditConfig\/|updateConfig\/))/,
    what: 'steers installs',
    isPlain: allowsUsualScript,
  },
  // Another version of a known package manager is harmless.
  {
    key: /^packageManager$/,
    value: /^(?!(?:npm|pnpm|yarn|bun)@\d[\w.+-]*$)/,
    what: 'changes the package manager',
  },
  {
    key: /^workspaces\/(?:-|packages\/-)$/,
    what: 'adds packages whose scripts run',
    isPlain: isOneFolder,
  },
  { key: /^publishConfig\/(?:registry|directory|[^/]*:registry)$/, what: 'publishes to another place' },
  {
    key: /^bin\/(?:node|npm|npx|yarn|pnpm|pnpx|bun|bunx|corepack|git|sh|bash|zsh|env|make|python3?|pip3?|ssh|curl|tar)$/,
    what: 'installs a command that hides a common one',
  },
  {
    key: /^(?:husky|simple-git-hooks|lint-staged|nano-staged|gitHooks|ghooks|pre-commit|pre-push|config\/ghooks)(?:\/|$)/,
    what: 'runs in git hooks',
    isPlain: ({ key, value }, { keys }) => keys.has(key) && !commandReaches(value),
  },
  { key: /^(?:release|release-it|renovate|auto|standard-version)(?:\/|$)/, what: 'steers bots and releases' },
]

/** True for the path of a single folder, whose install scripts are judged by its own manifest. */
export function isOneFolder({ value }: ManifestFact): boolean {
  return value === '.' || /^(?:\.\/)?[\w@-][\w.@-]*(?:\/[\w@-][\w.@-]*)*$/.test(value)
}

/** True when a fact allows a package whose install scripts most projects allow, or forbids the scripts of a package. */
export function allowsUsualScript({ key, value }: ManifestFact): boolean {
  if (/^(?:allowScripts|allowBuilds)\/[^/]+$/.test(key))
    return value === 'false' || (value === 'true' && isBuiltAtInstall(nameIn(key)))
  return /^(?:trustedDependencies|(?:pnpm\/)?onlyBuiltDependencies)\/-$/.test(key) && isBuiltAtInstall(value)
}

/** The package's name in a key, without its escapes. */
function nameIn(key: string): string {
  return key.split('/').slice(1).join('/').replaceAll('~1', '/').replaceAll('~0', '~')
}
