// Caches of a limited size, and keys for their entries.

/**
 * The key of plain data, e.g. of a position of all sliders. Equal data has equal keys.
 * @param {unknown} data
 */
export function keyOf(data) {
  return JSON.stringify(data);
}

/**
 * Add a value to a cache as its newest entry; if there are more than `max` entries, remove the oldest.
 * @template Key, Value
 * @param {Map<Key, Value>} cache
 * @param {Key} key
 * @param {Value} value
 * @param {number} max
 */
export function remember(cache, key, value, max) {
  cache.delete(key);
  cache.set(key, value);
  if (cache.size > max) cache.delete(/** @type {Key} */ (cache.keys().next().value));
}
