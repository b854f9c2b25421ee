package io.runledger.query.groups;

import io.runledger.query.filter.Value;
import java.util.List;
import java.util.Optional;

/**
 * The curves of a group's runs as one, with what a band around it may be.
 *
 * <p>They are aligned so: the way from the lowest x to the highest of any matching run is cut into
 * buckets, of one step where there are enough of them, else of equal width. A run takes part from
 * the bucket of its first point to that of its last, each time with its value of the greatest x up
 * to the bucket's end, and of several of one x with the one that was logged last. There is a place
 * for each bucket in which a run of the group has a point. Points without an x are left out.
 *
 * @param key as that of {@link RunGroup}
 * @param runs how many runs have a point
 * @param places in the order of x
 */
public record GroupCurve(List<Optional<Value>> key, long runs, List<Place> places) {

  public GroupCurve {
    key = List.copyOf(key);
    places = List.copyOf(places);
  }

  /**
   * The runs that take part in a bucket. NaN and infinities are counted and are in no other number.
   *
   * @param x the greatest x of a point in the bucket
   * @param n how many runs take part with a finite value
   * @param notFinite how many take part with NaN or an infinity
   * @param mean their mean; NaN when there is none
   * @param std the standard deviation of the sample, with n - 1; NaN for fewer than two
   * @param low where the 95 % confidence interval of the mean begins; NaN for fewer than two
   * @param high where it ends
   * @param min the smallest; NaN when there is none
   * @param max the largest; NaN when there is none
   */
  public record Place(
      double x,
      long n,
      long notFinite,
      double mean,
      double std,
      double low,
      double high,
      double min,
      double max) {}
}
