namespace Billing.GraphQL.Engine;

/// <summary>
/// Allowances by name, by the generic cell rate algorithm (ITU-T I.371): a slot holds the moment at which all that was taken will have come back. They stand in two
/// rows of fixed size under a keyed hash, so that no client makes them grow or finds out with whom it shares a slot; a name is refused only when both of its slots are
/// exhausted.
/// </summary>
sealed class Allowances
{
    const int Slots = 1 << 16;

    readonly long[] slots = new long[2 * Slots];
    readonly long recovery;
    readonly long burst;
    readonly long most;
    readonly TimeProvider time;
    readonly long started;

    /// <param name="atOnce">How much can be taken at once.</param>
    /// <param name="recovery">After how long one more can be.</param>
    /// <param name="debt">How far a charge may exceed what can be taken.</param>
    /// <param name="time">The clock.</param>
    public Allowances(int atOnce, TimeSpan recovery, TimeSpan debt, TimeProvider time)
    {
        this.recovery = recovery.Ticks;
        burst = this.recovery * atOnce;
        most = burst + debt.Ticks;
        this.time = time;
        started = time.GetTimestamp();
    }

    /// <summary>How many names are told apart, whatever happens.</summary>
    public int Size => slots.Length;

    // Since the beginning: a wall clock that is set back would refuse everybody.
    long Now => time.GetElapsedTime(started).Ticks;

    /// <summary>Takes one, and says how long to wait when there is none.</summary>
    public TimeSpan Take(string name, out Taken taken)
    {
        var (first, second) = SlotsOf(name);
        var now = Now;
        var (one, other) = (TakeFrom(first, now, recovery, out var until), TakeFrom(second, now, recovery, out var otherUntil));
        taken = new(first, until, second, otherUntil);
        return TimeSpan.FromTicks(Math.Min(one, other));
    }

    /// <summary>Takes so many, or none of them, and says how long to wait when there are fewer. More than can be taken at once are never there.</summary>
    public TimeSpan Take(string name, int count)
    {
        var (first, second) = SlotsOf(name);
        var (now, amount) = (Now, recovery * count);
        return TimeSpan.FromTicks(Math.Min(TakeFrom(first, now, amount, out _), TakeFrom(second, now, amount, out _)));
    }

    /// <summary>How long to wait for the next one; nothing is taken.</summary>
    public TimeSpan Wait(string name)
    {
        var (first, second) = SlotsOf(name);
        var now = Now;
        return TimeSpan.FromTicks(Math.Min(WaitFor(Volatile.Read(ref slots[first]), now, recovery), WaitFor(Volatile.Read(ref slots[second]), now, recovery)));
    }

    /// <summary>Takes one, also when there is none.</summary>
    public void Charge(string name)
    {
        var (first, second) = SlotsOf(name);
        var now = Now;
        Change(first, held => Math.Min(Math.Max(held, now) + recovery, now + most));
        Change(second, held => Math.Min(Math.Max(held, now) + recovery, now + most));
    }

    /// <summary>Gives back what has not come back by itself.</summary>
    public void GiveBack(Taken taken)
    {
        var now = Now;
        GiveBack(taken.First, taken.Until, now);
        GiveBack(taken.Second, taken.OtherUntil, now);
    }

    void GiveBack(int slot, long until, long now)
    {
        var left = Math.Clamp(until - now, 0, recovery);
        if (left > 0) Change(slot, held => held - left);
    }

    // The moment until which what is taken here takes to come back; 0 when nothing was taken.
    long TakeFrom(int slot, long now, long amount, out long until)
    {
        while (true)
        {
            var held = Volatile.Read(ref slots[slot]);
            until = 0;
            if (WaitFor(held, now, amount) is var wait and > 0) return wait;
            var next = Math.Max(held, now) + amount;
            if (Interlocked.CompareExchange(ref slots[slot], next, held) != held) continue;
            until = next;
            return 0;
        }
    }

    long WaitFor(long held, long now, long amount) => Math.Max(0, Math.Max(held, now) + amount - (now + burst));

    void Change(int slot, Func<long, long> change)
    {
        while (true)
        {
            var held = Volatile.Read(ref slots[slot]);
            if (Interlocked.CompareExchange(ref slots[slot], change(held), held) == held) return;
        }
    }

    // The runtime's own hash of texts is keyed anew in each process, against just this; its 32 bits are a slot of each row.
    static (int First, int Second) SlotsOf(string name)
    {
        var hash = (uint)name.GetHashCode(StringComparison.Ordinal);
        return ((int)(hash % Slots), Slots + (int)(hash / Slots));
    }

    /// <summary>What was taken, and from where.</summary>
    public readonly record struct Taken(int First, long Until, int Second, long OtherUntil);
}
