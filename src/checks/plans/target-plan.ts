import type { Folder } from '../project.ts'
import { startsService } from './ci/ci-services.ts'
import { looksTested } from './own-folders.ts'
import type { EcosystemPlan } from './plan.ts'
import { calledRules, type RecipeProgram, type Recipes, readRecipes, recipeFile } from './recipe-file.ts'

const MOST_PROGRAMS = 3
const TARGETS = ['test', 'tests', 'check', 'unittest', 'unit-test', 'test-unit']
/** What a recipe gets from elsewhere or from beside the repository, or runs in a container. */
const FROM_ELSEWHERE =
  /\bgit clone\b|\bprove (?:\S+ ){0,6}-I ?\.\.\/|\b(?:curl|wget) (?:\S+ ){0,6}\S*:\/\/|\b(?:docker|podman|vagrant)(?:[- ]compose)? (?:run|up|exec|build)\b/

/** A compiler, as recipes name it. */
const COMPILER = /^\s*(?:\$\{?(?:CC|CXX|LD|AR)\}?|g\+\+|gcc|cc|c\+\+|clang(?:\+\+)?) /
/** A linter alone. */
const LINTS =
  /^\s*(?:luacheck|selene|stylua|shellcheck|cppcheck|clang-(?:format|tidy)|staticcheck|golangci-lint) /
/** What recipes do beside compiling. */
const BESIDE = /^\s*(?:mkdir|test -d|rm|echo|ar|ranlib)\b(?!.*&&)/

/**
 * Plans the target `test` of make, just or task, or one with a similar name, for folders in which no ecosystem has checks.
 *
 * @param said.named words of CI's calls of make in the folder. A target among them comes first.
 */
export async function targetPlan(
  folder: Folder,
  { hasCi, named }: { readonly hasCi: boolean; readonly named: ReadonlySet<string> },
): Promise<EcosystemPlan | undefined> {
  const made = await recipesIn(folder, 'make')
  if (made !== undefined) {
    const { recipes, source } = made
    const plan = { ecosystem: 'make', source, setup: [] }
    // Without tests, a target of that name only lints.
    const isLinter = hasCi && !looksTested(folder.files)
    const targets = TARGETS.filter(
      (name) =>
        recipes.rules.has(name) && isHere(recipes, { name, named }) && !(name === 'check' && isLinter),
    )
    const target = targets.find((name) => named.has(name)) ?? targets[0]
    if (target !== undefined) {
      const programs = unbuiltPrograms(recipes, target)
      const build = programs.length === 0 ? '' : `make ${programs.join(' ')} && `
      return { ...plan, checks: [`${build}make ${target}`] }
    }
    // Below the root, CI would name the program; else it may be an example.
    const program = folder.name !== '' && hasCi ? undefined : testProgram(recipes)
    if (program !== undefined) return { ...plan, checks: [`make ${program} && ./${program}`] }
  }
  const just = await recipesIn(folder, 'just')
  const recipe = TARGETS.find(
    (name) => just?.recipes.rules.has(name) && isHere(just.recipes, { name, named: new Set() }),
  )
  if (just !== undefined && recipe !== undefined) {
    return { ecosystem: 'just', source: just.source, setup: [], checks: [`just ${recipe}`] }
  }
  const taskfile = ['Taskfile.yml', 'Taskfile.yaml', 'taskfile.yml'].find(folder.has)
  const tasks = new Set(((taskfile && (await folder.read(taskfile))) ?? '').split('\n').flatMap(taskOf))
  const task = TARGETS.find((name) => tasks.has(name))
  if (taskfile === undefined || task === undefined) return undefined
  return { ecosystem: 'task', source: taskfile, setup: [], checks: [`task ${task}`] }
}

/** Targets of make that texts for people name and that get something from elsewhere, or start a container. */
export async function targetsElsewhere(folder: Folder): Promise<ReadonlySet<string>> {
  const made = await recipesIn(folder, 'make')
  const names = TARGETS.filter((name) => made?.recipes.rules.has(name))
  return new Set(names.filter((name) => made && !isHere(made.recipes, { name, named: new Set() })))
}

/** A line that makes what tests need: `go run ./tools/stubs`, `cargo xtask generate-fixtures`. */
const MAKES = /^(?:go run \.\/|git submodule update\b|cargo xtask [\w-]*(?:fixtures|generate|codegen))/
/** A file that a target makes: `fixtures/.unpacked`. */
const MADE = /^[\w-][\w.-]*(?:\/[\w.-]+)+$/

/**
 * The check `make test`, if that target makes files that its tests need before it runs them with a tool of a language, which
 * alone would fail.
 *
 * @param runner matches the lines that run the tests.
 */
export async function preparedTarget(
  folder: Folder,
  runner: RegExp,
): Promise<{ readonly check: string; readonly source: string } | undefined> {
  const made = await recipesIn(folder, 'make')
  const rule = made?.recipes.rules.get('test')
  if (made === undefined || rule === undefined || !isHere(made.recipes, { name: 'test', named: new Set() }))
    return undefined
  const lines = calledRules(made.recipes, ['test']).flatMap(({ script }) => script.split('\n'))
  const at = lines.findIndex((line) => runner.test(line))
  const makesFile = rule.needs.some(
    (need) => MADE.test(need) && !/^(?:\w+\/)?bin\//.test(need) && !folder.has(need),
  )
  // A makefile that it includes may have the target that runs the tests: `test: fixtures/.unpacked common-test`.
  const isIncluded =
    rule.lines.length === 0 &&
    rule.needs.some((need) => /(?:^|[-_])tests?$/.test(need) && !made.recipes.rules.has(need))
  const isPrepared =
    at === -1 ? isIncluded && makesFile : makesFile || lines.slice(0, at).some((line) => MAKES.test(line))
  return isPrepared ? { check: 'make test', source: made.source } : undefined
}

async function recipesIn(
  folder: Folder,
  program: RecipeProgram,
): Promise<{ readonly recipes: Recipes; readonly source: string } | undefined> {
  const source = recipeFile(folder.has, program)
  const text = source === undefined ? undefined : await folder.read(source)
  return source === undefined || text === undefined
    ? undefined
    : { recipes: readRecipes(text, program), source }
}

/** Whether a target needs no service, and nothing from elsewhere unless CI runs it even so. */
function isHere(
  recipes: Recipes,
  { name, named }: { readonly name: string; readonly named: ReadonlySet<string> },
): boolean {
  const lines = calledRules(recipes, [name]).flatMap(({ script }) => script.split('\n'))
  if (!named.has(name) && lines.some((line) => startsService(line) || FROM_ELSEWHERE.test(line))) return false
  const own = lines.filter((line) => line.trim() !== '')
  if (own.length > 0 && own.every((line) => LINTS.test(line))) return false
  const compiles = (line: string) => COMPILER.test(line)
  return !own.some(compiles) || !own.every((line) => compiles(line) || BESIDE.test(line))
}

/** A line that starts a program in the folder of the makefile: `$(ENV) ./unit$(EXE) -v`. */
const STARTS =
  /^(?:[A-Z_]{1,40}=\S{0,100} |\$[({]\w{1,40}[)}] ?){0,4}\.\/([\w-]{1,60}(?:\$[({]\w{1,40}[)}])?)(?: [^&|;]{0,200})?$/
/** A line that makes what a target names. */
const MAKES_TARGET = / -o ?\S|\$@/

/**
 * The programs that a target starts and that only other targets build, so that people call make without a target before it.
 * Empty if the target needs anything, or does anything else.
 */
function unbuiltPrograms({ rules, variables }: Recipes, target: string): readonly string[] {
  const rule = rules.get(target)
  if (rule === undefined || rule.needs.length > 0 || rule.lines.length === 0) return []
  const names = rule.lines.map((line) => STARTS.exec(line.replace(/^[@+-]{1,3}\s?/, ''))?.[1] ?? '')
  const isBuilt = (name: string) => rules.get(name)?.lines.some((line) => MAKES_TARGET.test(line)) === true
  if (!names.every(isBuilt)) return []
  const plain = names.map((name) => name.replace(/\$.(\w+).$/, (_, one: string) => variables.get(one) ?? '$'))
  return plain.every((name) => /^[\w.-]+$/.test(name)) ? [...new Set(plain)] : []
}

/**
 * The target whose recipe builds a test program of the same name: `a-test: a.c` and then `$(CC) -o a-test a.c`. None of
 * several, since these are programs to try one by one.
 */
function testProgram({ rules }: Recipes): string | undefined {
  const programs = [...rules].filter(([name, { lines }]) => {
    const first = lines[0] ?? ''
    return (
      /^(?:[\w-]+[-_])?(?:unit)?tests?$|^tests?[-_][\w-]+$/.test(name) &&
      (first.includes(` -o ${name}`) || first.includes(' -o $@'))
    )
  })
  return programs.length > MOST_PROGRAMS ? undefined : programs[0]?.[0]
}

/** The task of a line of a Taskfile, a key that is indented by two spaces; none for other lines. */
function taskOf(line: string): readonly string[] {
  const name = /^ {2}([\w-]{1,60}):/.exec(line)?.[1]
  return name === undefined ? [] : [name]
}
