import { ADVICE, type CauseRule, named } from './cause.ts'

/** Rules for Cargo, Go, Maven, Gradle, .NET, CMake and Make. */
export const COMPILED_CAUSES: readonly CauseRule[] = [
  {
    kind: 'package',
    line: /failed to select a version for the requirement `([^`]{1,120})`|no matching package named `([^`]{1,120})` found|error: no matching version .{0,20}`([^`]{1,120})`/,
    say: (...names) => ({
      text: `the registry has no crate ${named(names.find((name) => name) ?? '')}`,
      advice: ADVICE.package,
    }),
  },
  {
    kind: 'lock_file',
    line: /(?:the lock file|cannot update the lock file) .{0,300}(?:needs to be updated but --locked|because --locked) was passed/,
    say: () => ({
      text: '`Cargo.toml` and `Cargo.lock` do not match',
      advice: 'Run `cargo update --workspace` and commit the lock file.',
    }),
  },
  {
    kind: 'version',
    line: /error: rustc (\S{1,20}) is not supported by the following packages?|package `[^`]{1,120}` cannot be built because it requires rustc (\S{1,20}) or newer/,
    say: () => ({ text: 'it needs a newer version of Rust than the sandbox has', advice: ADVICE.version }),
  },
  {
    kind: 'version',
    line: /supported edition values are|feature `edition\d+` is required|lock file version `?\d+`? .{0,40}(?:not understood|requires `-Znext-lockfile-bump`)/,
    say: () => ({ text: 'it needs a newer version of Rust than the sandbox has', advice: ADVICE.version }),
  },
  {
    kind: 'version',
    line: /error: toolchain '([^']{1,80})' is not installed|could not (?:download|install) .{0,40}toolchain '?([^'\s]{1,80})/,
    say: (first = '', other = '') => ({
      text: `it needs Rust ${named(first || other)}, which is not installed`,
      advice: ADVICE.version,
    }),
  },
  {
    kind: 'version',
    line: /go\.mod requires go >= (\S{1,20}) \(running go (\S{1,20}?);/,
    say: (wanted = '', has = '') => ({
      text: `it needs Go ${named(wanted)}, and the sandbox has ${named(has)}`,
      advice: ADVICE.version,
    }),
  },
  {
    kind: 'version',
    line: /^go: (?:errors parsing go\.mod|download go(\S{1,20}?)(?: for \S{1,30})?: toolchain not available)|invalid go version '[^']{1,40}'|go: unknown directive: toolchain/,
    say: (wanted = '') => ({
      text: `it needs another version of Go${wanted === '' ? '' : `: ${named(wanted)}`}`,
      advice: ADVICE.version,
    }),
  },
  {
    kind: 'lock_file',
    line: /missing go\.sum entry for|verifying \S{1,160}: checksum mismatch|go: updates to go\.mod needed|no required module provides package (\S{1,160}?);/,
    say: (name = '') => ({
      text:
        name === '' ? '`go.mod` and `go.sum` do not fit the code' : `\`go.mod\` does not name ${named(name)}`,
      advice: 'Run `go mod tidy` and commit `go.mod` and `go.sum`.',
    }),
  },
  {
    kind: 'package',
    line: /^go: (\S{1,160}): (?:reading \S{1,300}: (?:404|410|403)|invalid version|module \S{1,160}: reading|unrecognized import path)/,
    say: (name = '') => ({ text: `the module ${named(name)} cannot be fetched`, advice: ADVICE.package }),
  },
  {
    kind: 'access',
    line: /could not read Username for '(\S{1,160})': terminal prompts disabled|Permission denied \(publickey\)|Host key verification failed|fatal: Authentication failed for '(\S{1,160})'/,
    say: () => ({ text: 'a repository that it fetches asks for credentials', advice: ADVICE.access }),
  },
  {
    kind: 'package',
    line: /Could not (?:find artifact|resolve:) (\S{1,160}?)(?: in |\.?$)|Could not find ([\w.-]{1,80}:[\w.-]{1,80}:[\w.+-]{1,40})\.$|error NU110[123]: .{0,40}package ([\w.-]{1,80})/,
    say: (...names) => ({
      text: `no repository has the artifact ${named(names.find((name) => name) ?? '')}`,
      advice: ADVICE.package,
    }),
  },
  {
    kind: 'manifest',
    line: /Non-readable POM|Non-parseable POM|\[FATAL\] |'[\w.]{1,80}' (?:must be specified|is missing)|MSB1003|error MSB40\d\d/,
    say: () => ({ text: 'the project file is not valid', advice: 'Correct it.' }),
  },
  {
    kind: 'version',
    line: /\bDetected ((?:Maven|JDK) [Vv]ersion:? \S{1,40}(?: \(JAVA_HOME=.{0,200}\))? is not in the allowed range \S{1,40}?)\.?$/,
    say: (name = '') => ({
      text: `its build asks for another version: ${named(name)}`,
      advice: ADVICE.version,
    }),
  },
  {
    kind: 'version',
    line: /(?:release version|invalid target release:|invalid source release:|Source option) (\S{1,12}) ?(?:not supported|is no longer supported)?|Unsupported class file major version (\d{1,3})|has been compiled by a more recent version of the Java Runtime|requires (?:at least )?(?:JVM runtime version|Java) (\d{1,3})/,
    say: (...names) => {
      const wanted = names.find((name) => name)
      return {
        text: `it needs another version of Java${wanted === undefined ? '' : `: ${named(wanted)}`}`,
        advice: ADVICE.version,
      }
    },
  },
  {
    kind: 'program',
    line: /Could not find or load main class org\.gradle\.wrapper|Unable to access jarfile .{0,200}gradle-wrapper\.jar/,
    say: () => ({
      text: 'the Gradle wrapper is incomplete: `gradle-wrapper.jar` is missing',
      advice: 'Commit `gradle/wrapper/gradle-wrapper.jar`.',
    }),
  },
  {
    kind: 'program',
    line: /JAVA_HOME is (?:not set|set to an invalid)|JAVA_HOME environment variable is not defined|Unable to locate a Java Runtime/,
    say: () => ({ text: 'Java is not installed', advice: ADVICE.program }),
  },
  {
    kind: 'version',
    line: /A compatible \.NET SDK was not found|NETSDK1045|Requested SDK version: (\S{1,20})/,
    say: (wanted = '') => ({
      text: `it needs another version of the .NET SDK${wanted === '' ? '' : `: ${named(wanted)}`}`,
      advice: ADVICE.version,
    }),
  },
  {
    kind: 'version',
    line: /CMake (\S{1,12}) or higher is required\. {1,2}You are running version (\S{1,20})/,
    say: (wanted = '', has = '') => ({
      text: `it needs CMake ${named(wanted)}, and the sandbox has ${named(has)}`,
      advice: ADVICE.version,
    }),
  },
  {
    kind: 'library',
    line: /By not providing "Find(\w{1,60})\.cmake"|Could NOT find (\w{1,60}) \(missing|Could not find a package configuration file provided by "(\w{1,60})"/,
    say: (...names) => ({
      text: `the library ${named(names.find((name) => name) ?? '')} is missing`,
      advice: ADVICE.library,
    }),
  },
  {
    kind: 'other',
    line: /\*\*\* No rule to make target [‘'`]([\w./-]{1,80})['’]/,
    say: (name = '') => ({
      text: `the Makefile has no rule for ${named(name)}`,
      advice: 'Set `setup:` in `.github/backspace.yml`.',
    }),
  },
]
