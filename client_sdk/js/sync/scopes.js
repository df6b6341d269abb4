// The names of scopes: a village (12 digits), a protected programme in it (`code:tb`), a township's shared list (9 digits).

/**
 * The name of the scope of a place, or of a protected programme in it.
 * @param {string} place @param {string | null} [programme]
 */
export const scopeName = (place, programme) => (programme ? `${place}:${programme}` : place);

/** The protected programme of a scope, null for one that is open. @param {string} scope */
export const programmeOf = (scope) => scope.slice(villageOf(scope).length + 1) || null;

/** The place of a scope, whatever its programme. @param {string} scope */
export const villageOf = (scope) => scope.split(":", 1)[0];

/** True for the open scope of a village. @param {string} scope */
export const isVillage = (scope) => /^[0-9]{12}$/.test(scope);
