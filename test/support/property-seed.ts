import fc from 'fast-check'

/**
 * Property tests draw other cases each time they run on a person's machine, and the same ones in CI: there, a case that fails must
 * have to do with the change. `SEED=<number>` repeats a run.
 */
const CI_SEED = 20_261_129

const given = process.env.SEED ?? (process.env.CI === undefined ? undefined : String(CI_SEED))
if (given !== undefined) fc.configureGlobal({ seed: Number(given) })
