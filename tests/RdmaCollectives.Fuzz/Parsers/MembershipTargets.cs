using RdmaCollectives.Fuzz.Engine;
using RdmaCollectives.Membership;

namespace RdmaCollectives.Fuzz.Parsers;

/// <summary>What ranks tell each other to agree on who is left and who comes.</summary>
internal static class MembershipTargets
{
    private const int Ranks = 5;

    public static FuzzTarget Agreements() => new CodecTarget<AgreementMessage>
    {
        Title = "agreement",
        Files = ["Membership/AgreementCodec.cs", "Membership/ByteReader.cs"],
        Make = static random =>
        {
            AgreementKind kind = Make.Enum<AgreementKind>(random);
            bool hasRoster = kind is AgreementKind.Accept or AgreementKind.Vote or AgreementKind.Decision;
            return new AgreementMessage(kind, BallotOf(random), hasRoster ? RosterOf(random) : null, Make.ULong(random), random.Next(2) == 0 ? KnowledgeOf(random) : null);
        },
        Encode = AgreementCodec.Write,
        Parse = static bytes => AgreementCodec.Read(bytes, Ranks),
        AreEqual = static (one, other) => AgreementCodec.Write(one).AsSpan().SequenceEqual(AgreementCodec.Write(other)),
        Describe = static bytes =>
        {
            var layout = new Layout(bytes);
            layout.Choice().Number(4).Number(4).Number(8);
            bool hasRoster = (layout.Peek() & 1) != 0;
            layout.Choice();
            return (hasRoster ? layout.Number(4).Number(8).Size(4).Size(4) : layout).Done();
        },
        IsDeclared = BootstrapTargets.IsProtocol,
    };

    public static FuzzTarget Invitations() => new CodecTarget<Invitation>
    {
        Title = "invitation",
        Files = ["Membership/Invitation.cs", "Membership/ByteReader.cs"],
        Make = static random => new Invitation(random.Next(1, int.MaxValue), Make.ULong(random), [.. Enumerable.Range(0, random.Next(6)).Select(rank => (rank * 7) + random.Next(7))]),
        Encode = static invitation => invitation.ToBytes(),
        Parse = static bytes => Invitation.Read(bytes),
        AreEqual = static (one, other) => one.ToBytes().AsSpan().SequenceEqual(other.ToBytes()),
        Describe = static bytes => new Layout(bytes).Number(4).Number(8).Size(4).Done(FieldKind.Number),
        IsDeclared = BootstrapTargets.IsProtocol,
    };

    private static Ballot BallotOf(Random random) => new(random.Next(1, 1000), random.Next(Ranks));

    private static Roster RosterOf(Random random)
    {
        int[] members = [.. Enumerable.Range(0, Ranks).Where(_ => random.Next(2) == 0)];
        members = members.Length == 0 ? [1] : members;
        return new Roster(random.Next(1, 100), Make.ULong(random), members, [.. members.Select(_ => Make.ULong(random))], [.. Enumerable.Range(0, random.Next(3)).Select(newcomer => Ranks + newcomer)]);
    }

    private static Knowledge KnowledgeOf(Random random)
    {
        var known = new Knowledge(Ranks);
        for (int rank = 0; rank < Ranks; rank++)
        {
            if (random.Next(4) == 0)
            {
                known.Died(rank);
            }

            if (random.Next(2) == 0)
            {
                known.Promised(rank, BallotOf(random), Make.ULong(random));
            }
        }

        if (random.Next(2) == 0)
        {
            known.Voted(BallotOf(random), RosterOf(random));
        }

        return known;
    }
}
