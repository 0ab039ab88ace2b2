import { ADVICE, type CauseRule, named } from './cause.ts'

/** Rules for Bundler, Composer, Mix and tools that install system packages. */
export const SCRIPT_CAUSES: readonly CauseRule[] = [
  {
    kind: 'package',
    line: /Could not find gem '([^']{1,120})'|Could not find ([\w.-]{1,80}-\d[\w.]{0,20}) in (?:any of the sources|locally installed gems)|Root composer\.json requires (\S{1,120}(?: \S{1,40})?), it could not be found/,
    say: (...names) => ({
      text: `no registry has ${named(names.find((name) => name) ?? '')}`,
      advice: ADVICE.package,
    }),
  },
  {
    kind: 'version',
    line: /Your Ruby version is (\S{1,20}), but your Gemfile specified (.{1,40})$/,
    say: (has = '', wanted = '') => ({
      text: `it needs Ruby ${named(wanted)}, and the sandbox has ${named(has)}`,
      advice: ADVICE.version,
    }),
  },
  {
    kind: 'version',
    line: /requires php (\S{1,40}) (?:but|->)|Your php version \((\S{1,20}); overridden|your php version \((\S{1,20})\) does not satisfy/i,
    say: (wanted = '') => ({
      text: `it needs another version of PHP${wanted === '' ? '' : `: ${named(wanted)}`}`,
      advice: ADVICE.version,
    }),
  },
  {
    kind: 'library',
    line: /requires (?:PHP extension )?ext-(\w{1,40})|the requested PHP extension (\w{1,40}) is missing/,
    say: (first = '', other = '') => ({
      text: `the PHP extension ${named(first || other)} is missing`,
      advice: ADVICE.program,
    }),
  },
  {
    kind: 'program',
    line: /Could not find 'bundler' \(([^)]{1,40})\)|You must use Bundler (\d\S{0,20}) or greater/,
    say: (first = '', other = '') => ({
      text: `it needs Bundler ${named(first || other)}`,
      advice: ADVICE.program,
    }),
  },
  {
    kind: 'lock_file',
    line: /Your bundle is locked to|your deployment.{0,60}Gemfile\.lock|The gemspecs? for .{0,80} changed|You are trying to install in deployment mode after changing|The lock file is not up to date with the latest changes in composer\.json|Frozen mode is set/,
    say: () => ({ text: 'the lock file does not match the manifest', advice: ADVICE.lock }),
  },
  {
    kind: 'library',
    line: /An error occurred while installing ([\w.-]{1,80}) \(/,
    say: (name = '') => ({ text: `the gem ${named(name)} could not be built`, advice: ADVICE.library }),
  },
  {
    kind: 'conflict',
    line: /Bundler could not find compatible versions|Your requirements could not be resolved to an installable set of packages/,
    say: () => ({
      text: 'dependencies ask for versions of the same package that do not go together',
      advice: 'Correct the versions that the project asks for.',
    }),
  },
  {
    kind: 'package',
    line: /^E: Unable to locate package (\S{1,80})$/,
    say: (name = '') => ({
      text: `there is no system package ${named(name)}`,
      advice: 'Run `apt-get update` first, or correct its name.',
    }),
  },
  {
    kind: 'access',
    line: /are you root\?|must be run as root|you (?:must|need to) be root/i,
    say: () => ({
      text: 'a command asks for the rights of an administrator, which code in a sandbox does not have',
      advice: 'Put what it installs into the sandbox template.',
    }),
  },
]
