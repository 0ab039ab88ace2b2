import { parse as parseJsonWithComments } from 'jsonc-parser'
import { yamlOrUndefined } from '../../../text/parse-yaml.ts'
import type { Folder } from '../../project.ts'
import type { SaidLine, SaidOutside } from '../ci/said-lines.ts'
import type { EcosystemPlan, ProjectPlan } from '../plan.ts'
import { keysIn, readJsonObject, stringsIn, valueAt } from '../read-manifest.ts'

const MAX_CHARACTERS = 64 * 1024
const MOST_OPENINGS = 1000
const MOST_MANIFESTS = 4

/** Plans a Ruby project. Gemfile and Rakefile are programs, so they are only searched for words. */
export async function rubyPlan(folder: Folder): Promise<EcosystemPlan | undefined> {
  const manifests = ['Gemfile', ...folder.files.filter((file) => /^[\w-]+\.gemspec$/.test(file))]
  const source = manifests.find(folder.has)
  if (source === undefined) return undefined
  const rakefile = (await folder.read('Rakefile')) ?? ''
  const starter = folder.has('Gemfile') ? 'bundle exec ' : ''
  const hasSpecs = folder.files.some((file) => /^spec\/.*_spec\.rb$/.test(file))
  // Tests of the whole system need a browser, and the usual task leaves them out.
  const isOfRuby = (file: string) => /^test\/(?!system\/)(?:.*\/)?(?:\w+_test|test_\w+)\.rb$/.test(file)
  const inBrowser = folder.files.some((file) => file.startsWith('test/system/'))
  const hasTests = folder.files.some(
    (file) => isOfRuby(file) && !(inBrowser && /\/test_helper\.rb$/.test(file)),
  )
  const gems = (await Promise.all(manifests.slice(0, MOST_MANIFESTS).map(folder.read))).join('\n')
  // rspec does not run specs of minitest.
  const isMinitest =
    /minitest/.test(gems) && !/["']rspec(?:-core|-rails)?["']/.test(gems) && /test/i.test(rakefile)
  const checks: string[] = []
  if ((hasSpecs && !isMinitest) || folder.has('.rspec')) checks.push(`${starter}rspec`)
  if (hasTests && folder.has('bin/rails')) checks.push('bin/rails test')
  else if (
    (hasTests ||
      (checks.length === 0 &&
        !inBrowser &&
        folder.files.some((file) => /^(?:tests?|spec)\/.*\.rb$/.test(file)))) &&
    /test/i.test(rakefile)
  )
    checks.push(`${starter}rake ${hasTests || !/:spec\b/.test(rakefile) ? 'test' : 'spec'}`)
  // An engine of Rails is tested in an application, which `rake test_app` may generate.
  const hasApp = folder.files.some((file) => file.startsWith('spec/dummy/'))
  const makesApp = hasSpecs && !hasApp && /\btest_app\b/.test(rakefile)
  const install = folder.has('Gemfile') ? ['bundle install'] : []
  return {
    ecosystem: 'Ruby',
    source,
    setup: [...install, ...(makesApp ? [`${starter}rake test_app`] : [])],
    checks,
  }
}

/** Tests a gem without a Gemfile of its own with the gems that the root's Gemfile installs. */
export function belowGemfile(plan: EcosystemPlan, outer: readonly ProjectPlan[]): EcosystemPlan {
  const isBelow = outer.some(
    ({ ecosystem, folder, setup }) => ecosystem === 'Ruby' && folder === '' && setup.length > 0,
  )
  if (plan.ecosystem !== 'Ruby' || !plan.source.endsWith('.gemspec') || !isBelow) return plan
  return {
    ...plan,
    checks: plan.checks.map((one) => (/^(?:rspec|rake)\b/.test(one) ? `bundle exec ${one}` : one)),
  }
}

const PHP_SCRIPTS = [
  'test',
  'tests',
  'phpunit',
  'test:unit',
  'unit',
  'run-tests',
  'test-unit',
  'unit-tests',
  'unittest',
  'check',
]
/** Packages that depend on PHPUnit. */
const BRINGS_PHPUNIT = /phpunit|pest|testbench|codeception|test/

export async function phpPlan(folder: Folder): Promise<EcosystemPlan | undefined> {
  const text = await folder.read('composer.json')
  if (text === undefined) return undefined
  const composer = readJsonObject(text)
  const scripts = keysIn(composer, ['scripts'])
  const needs = [...keysIn(composer, ['require-dev']), ...keysIn(composer, ['require'])]
  const usual = PHP_SCRIPTS.find((name) => scripts.includes(name) && !goesElsewhere(folder, composer, name))
  const script = usual === undefined ? undefined : withoutBehat(composer, usual)
  const inner = folder.files
    .filter((file) => file.endsWith('/composer.json'))
    .map((file) => file.slice(0, -13))
  const hasTests = folder.files.some(
    (file) => /^tests?\/.*\.php$|Test\.php$/.test(file) && !inner.some((start) => file.startsWith(start)),
  )
  // A part of a larger repository, which does not require PHPUnit itself, is tested from the root.
  const isBrought = needs.some((name) => BRINGS_PHPUNIT.test(name)) || folder.has('composer.lock')
  const isConfigured = isBrought && ['phpunit.xml', 'phpunit.xml.dist', 'phpunit.dist.xml'].some(folder.has)
  const tool = folder.has('phpunit')
    ? './phpunit'
    : needs.includes('pestphp/pest')
      ? 'vendor/bin/pest'
      : needs.includes('symfony/phpunit-bridge') && !needs.includes('phpunit/phpunit')
        ? 'vendor/bin/simple-phpunit'
        : isConfigured || (needs.includes('phpunit/phpunit') && hasTests)
          ? 'vendor/bin/phpunit'
          : undefined
  return {
    ecosystem: 'PHP',
    source: 'composer.json',
    setup: ['composer install --no-interaction --no-progress'],
    checks: script !== undefined ? [`composer ${script}`] : tool !== undefined ? [tool] : [],
  }
}

/** The part of a script for PHPUnit, `@phpunit`, if another part of it tests a whole installation, `@behat`. */
function withoutBehat(composer: unknown, name: string): string {
  const parts = stringsIn(composer, ['scripts', name])
  const unit = parts.find((part) => /^@(?:phpunit|(?:test[:-])?unit)$/.test(part))
  return unit !== undefined && parts.some((part) => /^@?behat\b/.test(part)) ? unit.slice(1) : name
}

/** The lines of CI without those that run a script which the folder's composer.json does not have. */
export async function withKnownScripts({ name, read }: Folder, said: SaidOutside): Promise<SaidOutside> {
  const scripts = keysIn(readJsonObject(await read('composer.json')), ['scripts'])
  const isUnknown = ({ ecosystem, role, folder, words }: SaidLine) => {
    const script = words.slice(1).find((word) => !/^(?:run|run-script|-.*)$/.test(word)) ?? ''
    const isScript = ecosystem === 'PHP' && role === 'test' && words[0] === 'composer'
    return isScript && folder === name && !scripts.includes(script)
  }
  return { ...said, ci: said.ci.filter((line) => !isUnknown(line)) }
}

/** Whether a script of Composer only runs something in a folder with a project of its own: `cd php && vendor/bin/phpunit`. */
function goesElsewhere(folder: Folder, composer: unknown, name: string): boolean {
  const text = valueAt(composer, ['scripts', name])
  const [, other] = /^\s{0,9}cd ([\w./-]{1,200}?)\/? &&/.exec(typeof text === 'string' ? text : '') ?? []
  return other !== undefined && folder.has(`${other}/composer.json`)
}

export async function dartPlan(folder: Folder): Promise<EcosystemPlan | undefined> {
  const text = (await folder.read('pubspec.yaml')) ?? (folder.has('melos.yaml') ? '' : undefined)
  if (text === undefined) return undefined
  const pubspec = yamlOrUndefined(text)
  const needs = ['dependencies', 'dev_dependencies', 'environment'].flatMap((set) => keysIn(pubspec, [set]))
  const isFlutter =
    needs.some((name) => /^flutter(?:_test)?$/.test(name)) ||
    (pubspec === undefined && /^[ \t]{1,20}sdk:[ \t]{0,9}flutter\b/m.test(text))
  const program = isFlutter ? 'flutter' : 'dart'
  // A package that needs Flutter only for its examples runs its tests with Dart.
  const runner = needs.includes('test') && !needs.includes('flutter_test') ? 'dart' : program
  const hasTests = folder.files.some((file) => /^test\/.*_test\.dart$/.test(file))
  return {
    ecosystem: 'Dart',
    source: text === '' ? 'melos.yaml' : 'pubspec.yaml',
    setup: [...(text === '' ? [] : [`${program} pub get`]), ...melosSetup(folder, pubspec)],
    checks: hasTests ? [`${generatesCode(folder, pubspec) ? GENERATE : ''}${runner} test`] : [],
  }
}

/** Commands by which the members of a melos workspace use each other's source in the repository. */
function melosSetup(folder: Folder, pubspec: unknown): readonly string[] {
  if (!folder.has('melos.yaml') && valueAt(pubspec, ['melos']) === undefined) return []
  const isNeeded = ['dependencies', 'dev_dependencies'].some((set) =>
    keysIn(pubspec, [set]).includes('melos'),
  )
  if (isNeeded) return ['dart run melos bootstrap']
  return ['dart pub global activate melos', 'dart pub global run melos bootstrap']
}

/** Generates sources that are not committed, before the tests of a Dart package. */
const GENERATE = 'dart run build_runner build --delete-conflicting-outputs && '

function generatesCode({ files }: Folder, pubspec: unknown): boolean {
  const needs = ['dependencies', 'dev_dependencies'].flatMap((set) => keysIn(pubspec, [set]))
  return (
    needs.includes('build_runner') &&
    !files.some((file) => /\.\w+\.dart$/.test(file) && !/_test\.dart$/.test(file))
  )
}

/** Undefined if the text is too large, or has so many brackets that the recursive parser could overflow its stack. */
function readJsonWithComments(text: string): unknown {
  if (text.length > MAX_CHARACTERS || (text.match(/[[{]/g)?.length ?? 0) > MOST_OPENINGS) return undefined
  try {
    return parseJsonWithComments(text)
  } catch {
    return undefined
  }
}

export async function denoPlan(folder: Folder): Promise<EcosystemPlan | undefined> {
  const source = ['deno.json', 'deno.jsonc'].find(folder.has)
  if (source === undefined) return undefined
  const text = (await folder.read(source)) ?? ''
  const manifest: unknown = readJsonWithComments(text)
  const task = ['test', 'test:unit', 'tests'].find((name) => keysIn(manifest, ['tasks']).includes(name))
  const isTested =
    folder.files.some((file) => /(?:^|[/_.])test\.[cm]?[jt]sx?$/.test(file)) ||
    valueAt(manifest, ['test']) !== undefined
  const check = task === undefined ? 'deno test' : `deno task ${task}`
  // `deno test` fails in a folder without tests.
  return {
    ecosystem: 'Deno',
    source,
    setup: ['deno install'],
    // Beside a package.json, a file of Deno usually only says how the package is published.
    checks:
      task !== undefined || (!folder.has('package.json') && (isTested || folder.name === '')) ? [check] : [],
  }
}

/** Checks formatting and validity of Terraform files, since their tests need accounts. */
export function terraformPlan(folder: Folder): EcosystemPlan | undefined {
  const source = folder.files.find((file) => /^[\w.-]+\.tf$/.test(file))
  if (source === undefined) return undefined
  return {
    ecosystem: 'Terraform',
    source,
    setup: ['terraform init -backend=false -input=false'],
    checks: ['terraform fmt -check -recursive', 'terraform validate'],
  }
}

/** Plans Erlang by erlang.mk, else by rebar3: beside erlang.mk, rebar.config is for projects that depend on this one. */
export function erlangPlan(folder: Folder): EcosystemPlan | undefined {
  const suites = folder.files.some((file) => /_SUITE\.erl$/.test(file))
  if (folder.has('erlang.mk')) {
    return {
      ecosystem: 'Erlang',
      source: 'erlang.mk',
      setup: [],
      checks: [suites ? 'make ct' : 'make eunit'],
    }
  }
  if (!folder.has('rebar.config')) return undefined
  const units = folder.files.some((file) => /_tests?\.erl$/.test(file))
  const tasks = [...(units || !suites ? ['eunit'] : []), ...(suites ? ['ct'] : [])]
  return {
    ecosystem: 'Erlang',
    source: 'rebar.config',
    setup: [],
    checks: tasks.map((task) => `rebar3 ${task}`),
  }
}
