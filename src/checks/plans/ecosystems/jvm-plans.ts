import type { Folder } from '../../project.ts'
import type { EcosystemPlan } from '../plan.ts'
import { xmlElements } from './xml-elements.ts'

const TEST = /(?:^|\/)(?:Test\w*|\w*(?:Tests?|TestCase|Spec|Suite|IT))\.(?:java|kt|groovy|scala)$/
const MOST_BUILDS = 12
const MULTIPLATFORM = /\bkotlin\(["']multiplatform["']\)|\bkotlin[.-]multiplatform\b/
const BUILDS = ['build.gradle', 'build.gradle.kts', 'settings.gradle', 'settings.gradle.kts']

/** The plan for Ant, which counts only if nothing else has checks: many projects keep its file for others. */
export async function antPlan(folder: Folder): Promise<EcosystemPlan | undefined> {
  const text = await folder.read('build.xml')
  const isTarget = xmlElements(text).some(
    ({ path, attributes }) => path === 'project/target' && attributes.name === 'test',
  )
  return isTarget ? { ecosystem: 'Ant', source: 'build.xml', setup: [], checks: ['ant test'] } : undefined
}

/**
 * Plans for Maven or Gradle. If a folder has both, the one that CI tests with counts, else the one with a wrapper in the
 * repository. A wrapper is preferred to the installed tool, since it downloads the version that the build needs.
 *
 * @param ci the ecosystems whose tools CI runs to test the folder.
 */
export async function jvmPlans(folder: Folder, ci: ReadonlySet<string>): Promise<readonly EcosystemPlan[]> {
  const hasTests = folder.files.some((file) => TEST.test(file) || file.includes('src/test/'))
  const found: EcosystemPlan[] = []
  if (folder.has('pom.xml')) {
    const modules = await mavenModules(folder)
    const maven = folder.has('mvnw') ? 'sh ./mvnw' : 'mvn'
    const check = `${maven} --batch-mode --no-transfer-progress test`
    found.push({
      ecosystem: 'Maven',
      source: 'pom.xml',
      setup: [],
      checks: hasTests || modules.length > 0 ? [check] : [],
    })
  }
  const source = BUILDS.find(folder.has)
  if (source !== undefined) {
    const gradle = folder.has('gradlew') ? 'sh ./gradlew' : 'gradle'
    const check = `${gradle} --no-daemon --console=plain ${await testTasks(folder, source)}`
    // An Android app in a folder is not tested unless CI does so, since it needs an SDK.
    const isApp = folder.name !== '' && (await namesAndroid(folder, source))
    // Beside a native build, Gradle only packages its result.
    const isNative = ['CMakeLists.txt', 'configure.ac', 'meson.build'].some(folder.has)
    const isRoot = folder.name === '' && folder.has('gradlew') && !isNative
    const isTested = (hasTests || isRoot) && !isApp
    found.push({ ecosystem: 'Gradle', source, setup: [], checks: isTested ? [check] : [] })
  }
  if (found.length < 2) return found
  // Maintainers run the one that CI tests with or that has a wrapper; the other is for users.
  const said = found.filter(({ ecosystem }) => ci.has(ecosystem))
  const wrapped = found.filter(({ checks }) => checks.some((check) => check.startsWith('sh ')))
  return [...(said.length === 1 ? said : []), ...wrapped, ...found].slice(0, 1)
}

/**
 * The tasks that test. Multiplatform projects of Kotlin have no task `test`, so `jvmTest` runs, or `allTests` if they do not
 * target the JVM.
 */
async function testTasks(folder: Folder, source: string): Promise<string> {
  const isPlain = folder.files.some((file) => /(?:^|\/)src\/test\//.test(file))
  const hasFolder = (pattern: RegExp) => folder.files.some((file) => pattern.test(file))
  const texts = await Promise.all([source, 'gradle/libs.versions.toml'].map(folder.read))
  const isCommon =
    hasFolder(/(?:^|\/)src\/(?:commonTest|jvmTest)\//) ||
    (!isPlain && texts.some((text) => MULTIPLATFORM.test(text ?? '')))
  if (!isCommon) return 'test'
  const hasJvm = hasFolder(/(?:^|\/)src\/jvm(?:Test|Main)\//) || (await namesJvm(folder, source))
  return [hasJvm ? 'jvmTest' : 'allTests', ...(isPlain ? ['test'] : [])].join(' ')
}

/** Whether a build script, also of a module or a plugin, targets the JVM. */
async function namesJvm(folder: Folder, source: string): Promise<boolean> {
  const files = folder.files.filter((file) =>
    /(?:^|\/)build\.gradle(?:\.kts)?$|^build(?:-logic|Src)\/.*\.(?:kts?|gradle)$/.test(file),
  )
  const texts = await Promise.all([source, ...files.slice(0, MOST_BUILDS)].map(folder.read))
  return texts.some((text) => /\bjvm\s{0,9}[({]/.test(text ?? ''))
}

/** Whether a build script names the Android plugin. Build scripts are programs, so they are only searched for its name. */
async function namesAndroid(folder: Folder, source: string): Promise<boolean> {
  const files = folder.files.filter((file) => /^(?:[\w-]+\/)?build\.gradle(?:\.kts)?$/.test(file)).slice(0, 8)
  const texts = await Promise.all([source, ...files].map(folder.read))
  return texts.some((text) => /\bcom\.android\.(?:application|library|tools\.build)\b/.test(text ?? ''))
}

/** The folders of the modules that a pom.xml names in any of its profiles, relative to it. */
export async function mavenModules(folder: Folder, inner = ''): Promise<readonly string[]> {
  const text = await folder.read(inner === '' ? 'pom.xml' : `${inner}/pom.xml`)
  return xmlElements(text)
    .filter(({ path }) => /(?:^|\/)modules\/module$/.test(path))
    .map((module) => module.text.replace(/\/?pom\.xml$/, ''))
    .filter((name) => /^[\w./-]{1,200}$/.test(name))
}
