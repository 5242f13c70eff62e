/** The parts of node-forge that make certificates: the whole of it is nearly twice the size. */
declare module "node-forge/lib/forge.js" {
  import forge from "node-forge";
  export default forge;
}
declare module "node-forge/lib/pki.js";
