import type { Folder } from '../project.ts'
import type { EcosystemPlan } from './plan.ts'

const TARGETS = ['test', 'tests', 'check', 'unittest', 'unit-test', 'test-unit']

/**
 * Plans the target `test` of make, just or task, or one with a similar name, for folders in which no ecosystem has checks.
 * Their files are read line by line.
 *
 * @param said.named words of CI's calls of make in the folder. A target among them comes first.
 */
export async function targetPlan(
  folder: Folder,
  { hasCi, named }: { readonly hasCi: boolean; readonly named: ReadonlySet<string> },
): Promise<EcosystemPlan | undefined> {
  const makefile = ['GNUmakefile', 'Makefile', 'makefile'].find(folder.has)
  const rules = makefile === undefined ? '' : ((await folder.read(makefile)) ?? '')
  const targets = new Set(rules.split('\n').flatMap(targetsOf))
  const target =
    TARGETS.find((name) => targets.has(name) && named.has(name)) ?? TARGETS.find((name) => targets.has(name))
  if (makefile !== undefined && target !== undefined) {
    return { ecosystem: 'make', source: makefile, setup: [], checks: [`make ${target}`] }
  }
  // Below the root, CI would name the program; else it may be an example.
  const program = folder.name !== '' && hasCi ? undefined : testProgram(rules.split('\n'))
  if (makefile !== undefined && program !== undefined) {
    return { ecosystem: 'make', source: makefile, setup: [], checks: [`make ${program} && ./${program}`] }
  }
  const justfile = ['justfile', 'Justfile', '.justfile'].find(folder.has)
  const recipes = new Set(((justfile && (await folder.read(justfile))) ?? '').split('\n').flatMap(recipeOf))
  const recipe = TARGETS.find((name) => recipes.has(name))
  if (justfile !== undefined && recipe !== undefined) {
    return { ecosystem: 'just', source: justfile, setup: [], checks: [`just ${recipe}`] }
  }
  const taskfile = ['Taskfile.yml', 'Taskfile.yaml', 'taskfile.yml'].find(folder.has)
  const tasks = new Set(((taskfile && (await folder.read(taskfile))) ?? '').split('\n').flatMap(taskOf))
  const task = TARGETS.find((name) => tasks.has(name))
  if (taskfile === undefined || task === undefined) return undefined
  return { ecosystem: 'task', source: taskfile, setup: [], checks: [`task ${task}`] }
}

/** A target whose recipe builds a test program of the same name: `a-test: a.c` and then `$(CC) -o a-test a.c`. */
function testProgram(lines: readonly string[]): string | undefined {
  return lines
    .flatMap((line, at) => targetsOf(line).map((name) => ({ name, recipe: lines[at + 1] ?? '' })))
    .find(
      ({ name, recipe }) =>
        /^(?:[\w-]+[-_])?(?:unit)?tests?$|^tests?[-_][\w-]+$/.test(name) &&
        recipe.startsWith('\t') &&
        (recipe.includes(` -o ${name}`) || recipe.includes(' -o $@')),
    )?.name
}

/** The targets of a line `a b: c` of a makefile; none if it is a recipe or an assignment. */
function targetsOf(line: string): readonly string[] {
  const colon = line.indexOf(':')
  const isAssignment = /^:+=/.test(line.slice(colon))
  return colon === -1 || isAssignment || !/^[\w.-]/.test(line) ? [] : line.slice(0, colon).split(/[ \t]+/)
}

/** The recipe of a line of a justfile such as `test *args: deps`; none for other lines. */
function recipeOf(line: string): readonly string[] {
  const name = /^@?([\w-]{1,60})\b[^:=]{0,200}:(?!=)/.exec(line)?.[1]
  return name === undefined ? [] : [name]
}

/** The task of a line of a Taskfile, a key that is indented by two spaces; none for other lines. */
function taskOf(line: string): readonly string[] {
  const name = /^ {2}([\w-]{1,60}):/.exec(line)?.[1]
  return name === undefined ? [] : [name]
}
