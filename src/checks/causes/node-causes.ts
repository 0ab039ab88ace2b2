import { ADVICE, type CauseRule, named } from './cause.ts'

/** Rules for npm, pnpm, Yarn, Bun and Deno. */
export const NODE_CAUSES: readonly CauseRule[] = [
  {
    kind: 'lock_file',
    line: /can only install packages when your package\.json and (package-lock\.json|npm-shrinkwrap\.json)|can only install with an existing (package-lock\.json)/,
    say: (apart = '') =>
      apart === ''
        ? {
            text: '`npm ci` needs a lock file, and there is none',
            advice: 'Commit `package-lock.json`, or set `setup:` to `npm install`.',
          }
        : {
            text: '`package.json` and its lock file do not match',
            advice: 'Run `npm install` and commit the lock file.',
          },
  },
  {
    kind: 'lock_file',
    line: /ERR_PNPM_(?:OUTDATED|FROZEN)_LOCKFILE|ERR_PNPM_LOCKFILE_(?:CONFIG_MISMATCH|MISSING_DEPENDENCY|BREAKING_CHANGE)|ERR_PNPM_NO_LOCKFILE/,
    say: () => ({
      text: '`package.json` and `pnpm-lock.yaml` do not match',
      advice: 'Run `pnpm install` and commit the lock file.',
    }),
  },
  {
    kind: 'lock_file',
    line: /Your lockfile needs to be updated, but yarn was run with|YN0028|The lockfile would have been (?:modified|created) by this install/,
    say: () => ({
      text: '`package.json` and `yarn.lock` do not match',
      advice: 'Run `yarn install` and commit the lock file.',
    }),
  },
  {
    kind: 'lock_file',
    line: /lockfile had changes, but lockfile is frozen|error: The lockfile is out of date/,
    say: () => ({ text: '`package.json` and its lock file do not match', advice: ADVICE.lock }),
  },
  {
    kind: 'package',
    line: /No matching version found for ((?:@[\w.-]+\/)?[\w.-]+@\S{1,60}?)\.?$|ERR_PNPM_NO_MATCHING_VERSION\s+No matching version found for (\S{1,120})|error: No version matching "([^"]{1,120})"/,
    say: (...names) => ({
      text: `the registry has no ${named(names.find((name) => name) ?? '')}`,
      advice: ADVICE.package,
    }),
  },
  {
    kind: 'package',
    line: /The requested resource '([^']{1,160})' could not be found|Couldn't find package "([^"]{1,160})"|^([@\w./-]{1,120}) is not in the npm registry|'([^']{1,160})' is not in (?:this|the npm) registry|YN0035.{0,80}|error: (?:GET \S{1,200} - 404|package "([^"]{1,120})" not found)/,
    say: (...names) => ({
      text: `the registry does not know ${named(names.find((name) => name) ?? 'a package')}`,
      advice: ADVICE.package,
    }),
  },
  {
    kind: 'conflict',
    line: /ERESOLVE (?:unable to resolve dependency tree|could not resolve)|ERR_PNPM_PEER_DEP_ISSUES/,
    say: () => ({
      text: 'dependencies ask for versions of the same package that do not go together',
      advice: 'Correct the versions in `package.json`, or set `setup:` to `npm ci --legacy-peer-deps`.',
    }),
  },
  {
    kind: 'version',
    line: /notsup Required: (\{.{1,120}\})/,
    say: (wanted = '') => ({
      text: `it needs another version of Node or npm: ${named(wanted)}`,
      advice: ADVICE.version,
    }),
  },
  {
    kind: 'version',
    line: /The engine "(\w{1,20})" is incompatible with this module\. Expected version "([^"]{1,60})"/,
    say: (engine = '', wanted = '') => ({
      text: `it needs ${named(`${engine} ${wanted}`)}`,
      advice: ADVICE.version,
    }),
  },
  {
    kind: 'version',
    line: /(EBADENGINE|ERR_PNPM_UNSUPPORTED_ENGINE|ERR_PNPM_BAD_PM_VERSION|This project is configured to use \w{1,10})|YN0000.{0,40}requires? Node/,
    say: () => ({
      text: 'it needs another version of Node or of its package manager',
      advice: ADVICE.version,
    }),
  },
  {
    kind: 'version',
    line: /Unsupported platform for (\S{1,100}): wanted/,
    say: (name = '') => ({
      text: `${named(name)} does not run on Linux`,
      advice: 'Make it an optional dependency, or leave it out in `setup:`.',
    }),
  },
  {
    kind: 'access',
    line: /npm (?:error|ERR!) code (?:E401|ENEEDAUTH)|(?:npm (?:error|ERR!)) 401 |ERR_PNPM_FETCH_401|YN0041/,
    say: () => ({ text: 'the registry asks for credentials', advice: ADVICE.access }),
  },
  {
    kind: 'manifest',
    line: /(?:EJSONPARSE|JSON\.parse) .{0,40}(package\.json|package-lock\.json)?|ERR_PNPM_JSON_PARSE|Unexpected token .{1,60} in JSON|is not valid JSON/,
    say: () => ({ text: '`package.json` is not valid JSON', advice: 'Correct it.' }),
  },
  {
    kind: 'network',
    line: /ERR_PNPM_META_FETCH_FAIL|EINTEGRITY|ERR_PNPM_TARBALL_INTEGRITY|Integrity check failed/,
    say: () => ({
      text: 'a package that was fetched is not the one of the lock file',
      advice: ADVICE.lock,
    }),
  },
  {
    kind: 'script',
    line: /npm (?:error|ERR!) path \S{0,400}\/node_modules\/((?:@[\w.-]+\/)?[\w.-]+)$/,
    say: (name = '') => ({
      text: `the install script of ${named(name)} failed`,
      advice: 'The log of setup shows what it printed.',
    }),
  },
]
