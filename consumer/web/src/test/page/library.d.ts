/** What the page uses of uPlot, which the server has beside the page's own modules. */
declare module "*/vendor/uPlot.esm.js" {
  const uPlot: new (options: any, data: any, place: HTMLElement) => any;
  export default uPlot;
}
